// Which kinds of programs pass a closed gate, in words.
import { expect, it } from "vitest";
import { saidElsewhere } from "../words/told";
import { kindOf, passing, programsOf } from "./safeList";

const kind = (name: string, value = "some-program") => ({
  key: `safe-list.${name}`,
  value,
  default: value,
  meaning: saidElsewhere(""),
  takes: saidElsewhere(""),
  group: "safe-list",
  line: null,
});

it.each([
  [[], ""],
  [[kind("power", "none")], ""],
  [[kind("power")], "power"],
  [[kind("power"), kind("alarms", "none"), kind("security prompts")], "power and security prompts"],
  [["a", "b", "c"].map((name) => kind(name)), "a, b and c"],
  [[..."abcdefgh"].map((name) => kind(name)), "a, b, c, d, e, f and 2 more kinds"],
] as const)("are named as far as any program of them passes", (kinds, said) => {
  expect(passing([...kinds])).toBe(said);
});

it("are known by the rest of a setting's name, and their programs by its value", () => {
  expect(kindOf(kind("security prompts"))).toBe("security prompts");
  expect([programsOf(kind("a", "one,two")), programsOf(kind("a", "none"))]).toEqual([["one", "two"], []]);
});
