// How long a release is said to take.
import { expect, it } from "vitest";
import { releaseTime } from "./release";

it.each([
  [1, "at once"],
  [4, "within 1\u00a0s"],
  [15, "within 4\u00a0s"],
  [60, "four a second and at most 15 at a time, which takes 15 s at least"],
  [1_000, "four a second and at most 15 at a time, which takes 4 min at least"],
])("%i", (count, words) => {
  expect(releaseTime(count)).toBe(words);
});
