// What the gate is doing, in the product's words. Pure: a view and a time style in, text out.
import type { BlockView, View } from "../contract";
import { say } from "../words/say";
import { ahead, type TimeStyle } from "./time";

/** "Deep work, until the 11:30 check-in"; of a block without an intention, which is called deep work itself, its end. */
export function blockTitle(block: BlockView, now: number, style: TimeStyle): string {
  const { ends, intention } = block;
  const time = ends.kind === "open" ? "" : style.when(ends.at, now);
  return say(intention === null ? "now-block-end" : "now-block-title", { ends: ends.kind, time });
}

/** When the block ends, or null for an open-ended one. */
export function blockEnd(block: BlockView): number | null {
  return block.ends.kind === "open" ? null : block.ends.at;
}

/** What the window is called: with the time that is left of a block. */
export function windowTitle(view: View | null, now: number): string {
  const ends = view?.gate.because?.kind === "block" && view.block ? blockEnd(view.block) : null;
  return ends === null || ends <= now ? say("window-name") : say("window-title", { left: ahead(ends - now) });
}

/** A check-in inside a block waits for its end so long at most, as the daemon does. */
const READY = 15 * 60_000;

/** The promise: an opening, and what it rests on. */
export function promise(view: View, now: number, style: TimeStyle): { opening: string; fact: string } {
  if (!view.gate.in_path) return { opening: say("now-promise-out"), fact: say("now-promise-out.fact") };
  if (!view.gate.closed) return { opening: say("now-promise-open"), fact: say("now-promise-open.fact") };
  if (view.ready) return { opening: say("now-promise-ready"), fact: say("now-promise-ready.fact") };
  if (view.next_check_in === null)
    return { opening: say("now-promise-whenever"), fact: say("now-promise-whenever.fact") };
  const ends = view.block ? (blockEnd(view.block) ?? Infinity) : 0;
  if (ends > view.next_check_in) {
    const latest = Math.min(ends, view.next_check_in + READY);
    return {
      opening: say("now-promise-by"),
      fact: say("now-promise-by.fact", { time: style.when(latest, now) }),
    };
  }
  const time = style.when(view.next_check_in, now);
  return { opening: say("now-promise-at"), fact: say("now-promise-at.fact", { time }) };
}

/** Whether everything passes because nothing can be kept. */
export function cannotHold(view: View): boolean {
  return view.troubles.some(({ code }) => code === "store");
}

/** "Next check-in 16:30": a line to tell others; null where none is set. */
export function nextCheckIn(view: View, now: number, style: TimeStyle): string | null {
  return view.next_check_in === null
    ? null
    : say("now-next-check-in", { time: style.when(view.next_check_in, now) });
}

/** What stands in the corner of every page. */
export function gateLine(view: View): string {
  if (!view.gate.in_path) return say("frame-gate-out");
  return view.gate.closed ? say("frame-gate-closed") : say("frame-gate-open");
}

/** What holding means at this moment. */
export function gateDetail(view: View): string {
  if (!view.gate.in_path) return say("window-nothing-held");
  if (view.gate.because?.kind === "inhibited") return say("window-quiet", { app: view.gate.because.app });
  return view.gate.closed ? say("window-everything-held") : say("window-everything-passes");
}

/** The desktop's own daemon, and whether it can be reached. */
export function rendererLine(view: View): string {
  const { up } = view.renderer;
  // "dunst 1.9.0 (2022-06-27)" is dunst 1.9.0.
  const name = view.renderer.name?.replace(/ \([^)]*\)$/, "");
  if (!name) return say("window-renderer-none");
  return up ? say("window-renderer", { name }) : say("window-renderer-away", { name });
}
