// That lines, bands and marks are seen on their grounds: computed from the colours of the style, in light and in dark.
import { expect, it } from "vitest";
import style from "./app.css?raw";

/** What WCAG asks of what is no text. */
const SEEN = 3;

type Colour = [red: number, green: number, blue: number];

const [light = "", dark = ""] = style.split("@media (prefers-color-scheme: dark)");

/** The custom properties of a scheme; dark goes on from light. */
function properties(...blocks: string[]): Map<string, string> {
  const found = blocks.flatMap((block) => [...block.matchAll(/--([\w-]+): ([^;]+);/g)]);
  return new Map(found.map(([, name = "", value = ""]) => [name, value]));
}

const schemes = { light: properties(light), dark: properties(light, dark.slice(0, dark.indexOf("*,"))) };

/** A colour of these, as it is drawn. */
function colour(of: Map<string, string>, value: string): Colour {
  const named = /^var\(--([\w-]+)\)$/.exec(value);
  if (named) return colour(of, of.get(named[1] ?? "") ?? "");
  const mixed = /^color-mix\(in srgb, (\S+) (\d+)%, (\S+)\)$/.exec(value);
  if (mixed) return mix(colour(of, mixed[1] ?? ""), Number(mixed[2]) / 100, colour(of, mixed[3] ?? ""));
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/.exec(value)?.[1];
  if (hex === undefined) throw new Error(`no colour: ${value}`);
  const digits = hex.length === 3 ? [...hex].map((digit) => digit + digit) : (hex.match(/../g) ?? []);
  return digits.map((pair) => parseInt(pair, 16)) as Colour;
}

function mix(one: Colour, share: number, other: Colour): Colour {
  return one.map((channel, at) => channel * share + (other[at] ?? 0) * (1 - share)) as Colour;
}

function luminance(of: Colour): number {
  const [red = 0, green = 0, blue = 0] = of.map((channel) => {
    const value = channel / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Colour, other: Colour): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

it("computes black on white as everybody does", () => {
  expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21, 5);
  expect(contrast([118, 118, 118], [255, 255, 255])).toBeCloseTo(4.54, 2);
});

it.each([
  ["the edge of a field", "edge", ["paper", "surface", "sunk"]],
  ["the focus", "water", ["paper", "surface", "sunk"]],
  ["the mark of the chosen view", "water", ["paper", "sunk"]],
  ["the mark of the chosen row", "water", ["surface", "water-soft"]],
  ["the edge of the chosen length", "water", ["surface", "water-soft"]],
  ["a block that is over", "water-past", ["sunk"]],
  ["the running block and its edge", "water", ["sunk", "water-soft"]],
  ["a check-in", "buoy", ["sunk"]],
  ["now", "ink", ["sunk"]],
  ["the water's line", "water", ["sunk", "water-soft"]],
  ["the gate's dot", "stop", ["paper"]],
])("%s is seen on its ground", (_, drawn, grounds) => {
  for (const [scheme, of] of Object.entries(schemes))
    for (const ground of grounds) {
      const seen = contrast(colour(of, `var(--${drawn})`), colour(of, `var(--${ground})`));
      expect(seen, `${drawn} on ${ground} in ${scheme}`).toBeGreaterThanOrEqual(SEEN);
    }
});
