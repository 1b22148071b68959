// What the gate is doing, in the product's words.
import { expect, it } from "vitest";
import { closedView, NOW, openView } from "../host/sample";
import {
  blockEnd,
  blockTitle,
  gateDetail,
  gateLine,
  nextCheckIn,
  promise,
  rendererLine,
  windowTitle,
} from "./gate";
import { timeStyle } from "./time";

const style = timeStyle("Europe/Berlin", "de-DE");
const running = closedView();
const said = (view: typeof running) => Object.values(promise(view, NOW, style)).join(" ");

it("promises when what is held is handed over", () => {
  expect(said(running)).toBe("Nobody is waiting on you: everything held is yours at 11:30.");
  const ends = (ends: NonNullable<typeof running.block>["ends"]) =>
    said(closedView({ block: { intention: null, started: NOW, ends, left_out: 0 } }));
  const noon = Date.UTC(2026, 2, 3, 11);
  expect(ends({ kind: "open" })).toContain("everything held is yours by 11:45.");
  expect(ends({ kind: "at", at: noon })).toContain("everything held is yours by 11:45.");
  expect(ends({ kind: "at", at: noon - 25 * 60_000 })).toContain("everything held is yours by 11:35.");
  expect(ends({ kind: "at", at: noon - 45 * 60_000 })).toContain("everything held is yours at 11:30.");
  expect(said({ ...running, next_check_in: null })).toContain("whenever you check in");
  expect(said({ ...running, ready: true })).toContain("ready for you");
});

it("names the window by what is left of a block", () => {
  const block = {
    intention: null,
    started: NOW,
    ends: { kind: "at" as const, at: NOW + 2_790_000 },
    left_out: 0,
  };
  expect(windowTitle(closedView({ block }), NOW)).toBe("47 min left – Tidegate");
  expect(windowTitle(closedView({ block }), NOW + 2_790_000)).toBe("Tidegate");
  expect(windowTitle(closedView({ block: { ...block, ends: { kind: "open" } } }), NOW)).toBe("Tidegate");
  expect([windowTitle(openView(), NOW), windowTitle(null, NOW)]).toEqual(["Tidegate", "Tidegate"]);
});

it("has a line for others that says when the next check-in is", () => {
  expect(nextCheckIn(running, NOW, style)).toBe("Next check-in 11:30");
  expect(nextCheckIn({ ...running, next_check_in: null }, NOW, style)).toBeNull();
});

it("titles a block by its end", () => {
  const started = NOW;
  const at = NOW + 50 * 60_000;
  const title = (ends: NonNullable<typeof running.block>["ends"]) =>
    blockTitle({ intention: "Plan", started, ends, left_out: 0 }, NOW, style);
  expect(title({ kind: "check-in", at })).toBe("Deep work, until the 11:26 check-in");
  expect(title({ kind: "at", at })).toBe("Deep work, until 11:26");
  expect(title({ kind: "open" })).toBe("Deep work, open-ended");
  expect(blockTitle({ intention: null, started, ends: { kind: "open" }, left_out: 0 }, NOW, style)).toBe(
    "Open-ended",
  );
  expect(blockEnd({ intention: null, started, ends: { kind: "open" }, left_out: 0 })).toBeNull();
});

it("never claims to hold while it is not in the path", () => {
  const away = { ...running, gate: { ...running.gate, in_path: false } };
  expect(gateLine(away)).toBe("Gate not in the path");
  expect(gateDetail(away)).toBe("Nothing is held");
  expect(said(away)).toBe("Tidegate does not stand in the path: nothing new is held.");
});

it("names the app that asked for quiet", () => {
  const because = { kind: "inhibited" as const, app: "Presenter" };
  expect(gateDetail(openView({ gate: { closed: true, because, in_path: true } }))).toBe(
    "Presenter asked for quiet",
  );
});

it("says whether there is a renderer", () => {
  expect(rendererLine(running)).toBe("In front of dunst 1.9.0");
  const dated = { name: "dunst 1.9.0 (2022-06-27)", up: true };
  expect(rendererLine({ ...running, renderer: dated })).toBe("In front of dunst 1.9.0");
  expect(rendererLine({ ...running, renderer: { name: "dunst 1.9.0", up: false } })).toContain(
    "cannot be reached",
  );
  expect(rendererLine({ ...running, renderer: { name: null, up: false } })).toContain(
    "No notification daemon",
  );
});
