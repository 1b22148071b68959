// What the gate is doing, in the product's words. Pure: a view and a time style in, text out.
import type { BlockView, View } from "../contract";
import { capital } from "./text";
import { ahead, type TimeStyle } from "./time";

/** "Deep work, until the 11:30 check-in"; of a block without an intention, which is called deep work itself, its end. */
export function blockTitle(block: BlockView, now: number, style: TimeStyle): string {
  return block.intention === null
    ? capital(blockLength(block, now, style))
    : `Deep work, ${blockLength(block, now, style)}`;
}

function blockLength(block: BlockView, now: number, style: TimeStyle): string {
  switch (block.ends.kind) {
    case "check-in":
      return `until the ${style.when(block.ends.at, now)} check-in`;
    case "at":
      return `until ${style.when(block.ends.at, now)}`;
    case "open":
      return "open-ended";
  }
}

/** When the block ends, or null for an open-ended one. */
export function blockEnd(block: BlockView): number | null {
  return block.ends.kind === "open" ? null : block.ends.at;
}

/** What the window is called: with the time that is left of a block. */
export function windowTitle(view: View | null, now: number): string {
  const ends = view?.gate.because?.kind === "block" && view.block ? blockEnd(view.block) : null;
  return ends === null || ends <= now ? "Tidegate" : `${ahead(ends - now)} left – Tidegate`;
}

/** A check-in inside a block waits for its end so long at most, as the daemon does. */
const READY = 15 * 60_000;

/** The promise: an opening, and what it rests on. */
export function promise(view: View, now: number, style: TimeStyle): { opening: string; fact: string } {
  if (!view.gate.in_path)
    return { opening: "Tidegate does not stand in the path:", fact: "nothing new is held." };
  if (!view.gate.closed) return { opening: "Everything passes:", fact: "nothing new is held." };
  const opening = "Nobody is waiting on you:";
  if (view.ready) return { opening, fact: "everything held is ready for you." };
  if (view.next_check_in === null)
    return { opening, fact: "everything held is yours whenever you check in." };
  const ends = view.block ? (blockEnd(view.block) ?? Infinity) : 0;
  if (ends > view.next_check_in) {
    const latest = Math.min(ends, view.next_check_in + READY);
    return { opening, fact: `everything held is yours by ${style.when(latest, now)}.` };
  }
  return { opening, fact: `everything held is yours at ${style.when(view.next_check_in, now)}.` };
}

/** Whether everything passes because nothing can be kept. */
export function cannotHold(view: View): boolean {
  return view.troubles.some(({ code }) => code === "store");
}

/** "Next check-in 16:30": a line to tell others; null where none is set. */
export function nextCheckIn(view: View, now: number, style: TimeStyle): string | null {
  return view.next_check_in === null ? null : `Next check-in ${style.when(view.next_check_in, now)}`;
}

/** What stands in the corner of every page. */
export function gateLine(view: View): string {
  if (!view.gate.in_path) return "Gate not in the path";
  return view.gate.closed ? "Gate closed" : "Gate open";
}

/** What holding means at this moment. */
export function gateDetail(view: View): string {
  if (!view.gate.in_path) return "Nothing is held";
  if (view.gate.because?.kind === "inhibited") return `${view.gate.because.app} asked for quiet`;
  return view.gate.closed ? "Everything is held" : "Everything passes";
}

/** The desktop's own daemon, and whether it can be reached. */
export function rendererLine(view: View): string {
  const { up } = view.renderer;
  // "dunst 1.9.0 (2022-06-27)" is dunst 1.9.0.
  const name = view.renderer.name?.replace(/ \([^)]*\)$/, "");
  if (!name) return "No notification daemon behind it";
  return up ? `In front of ${name}` : `${name} cannot be reached`;
}
