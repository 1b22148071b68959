// The basin's drawing, in its own units: 236 wide, 216 high, the level counted from the top.

/** How many buoys there is room for. */
export const BUOYS = 7;

/** Where the first buoy floats and how far apart they are, in per cent of the width. */
export const BUOY_LEFT = 12;
export const BUOY_STEP = 13;

const HEIGHT = 216;
const EMPTY = 128;
const FULL = 56;
const DOUBLINGS = 12;

/** Where the surface lies: each doubling lifts it by the same step, until it is full. */
export function level(held: number): number {
  const share = Math.min(Math.log2(Math.max(held, 0) + 1) / DOUBLINGS, 1);
  return Math.round(EMPTY - (EMPTY - FULL) * share);
}

/** The waves, from the left edge to the right. */
export function surface(): string {
  return "c30 0 30-9 59-9s30 9 59 9 30-9 59-9 30 9 59 9";
}

/** How deep the buoy at this place floats, in per cent of the height, for a surface at `level`: on the waves. */
export function buoyTop(level: number, place: number): number {
  const x = ((BUOY_LEFT + place * BUOY_STEP) / 100) * 4 * Math.PI;
  return ((level - 4.5 + 4.5 * Math.cos(x)) / HEIGHT) * 100;
}
