// Text from outside, cut to size without breaking it.
import { describe, expect, it } from "vitest";
import { HUES, capital, clip, hue, initial, named, oneLine, quoted } from "./text";

describe("clip", () => {
  it("leaves what fits", () => {
    expect(clip("Tidegate", 8)).toBe("Tidegate");
  });

  it("never cuts inside a character", () => {
    expect(clip("ab🌊cd", 3)).toBe("ab…");
    expect(clip("ab🌊cd", 4)).toBe("ab🌊…");
  });

  it("leaves nothing turned around", () => {
    expect(clip("in\u202egpj.exe\u2069\n\u2067x", 20)).toBe("ingpj.exe\nx");
    expect(oneLine("\u202e a \u2066", 20)).toBe("a");
  });
});

it("puts any text on one line of bounded length", () => {
  expect(oneLine("  a\n\n\tb\u2028c ", 20)).toBe("a b c");
  expect(oneLine("x".repeat(1_000_000), 10)).toBe(`${"x".repeat(10)}…`);
  expect(oneLine(" ".repeat(1_000) + "x", 10)).not.toContain("  ");
});

it("takes the marks of direction out of a name", () => {
  expect(named("\u202eevil\u2066 app\u200f", 20)).toBe("evil app");
  expect(named("שרה", 20)).toBe("שרה");
});

it.each([
  ["Slack", "S"],
  ["#platform", "P"],
  ["…élan", "É"],
  ["שרה", "ש"],
  ["🌊 tide", "🌊"],
  ["", "?"],
  ["<!-- -->", "?"],
])("the initial of %s is %s", (name, expected) => {
  expect(initial(name)).toBe(expected);
});

it("gives an app one colour, and apps different ones", () => {
  const apps = [
    "org.gnome.Evolution",
    "im.riot.Riot",
    "org.mozilla.Thunderbird",
    "ci",
    "org.telegram.desktop",
  ];
  const hues = apps.map(hue);
  expect(hues).toEqual(apps.map(hue));
  expect(hues.every((each) => Number.isInteger(each) && each >= 0 && each < HUES)).toBe(true);
  expect(new Set(hues).size).toBeGreaterThan(2);
});

it("begins with a capital letter as a sentence does, and leaves the rest as it is", () => {
  expect(["done: Build", "Done", "", "/tmp/x"].map(capital)).toEqual(["Done: Build", "Done", "", "/tmp/x"]);
});

it("quotes commands as the window does, and leaves a lone sign", () => {
  expect(quoted("`tidegate doctor` says which one; `tidegate status` too")).toBe(
    "“tidegate doctor” says which one; “tidegate status” too",
  );
  expect(quoted("a ` b")).toBe("a ` b");
});
