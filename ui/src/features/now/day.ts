// Where things lie on today's band, in per cent of its width. Pure geometry: nothing is drawn here.
import type { View } from "../../lib/contract";
import { oneLine } from "../../lib/format/text";
import type { TimeStyle } from "../../lib/format/time";
import { say } from "../../lib/words/say";

/** The hours that are always shown, as long as nothing lies outside of them. */
const FIRST = 8;
const LAST = 18;
/** Two labels side by side on the narrowest band, in per cent of its width. */
const LABEL = 13;

/** The band, ready to be drawn. */
export interface DayBand {
  now: number;
  block: { from: number; to: number } | null;
  past: { at: number; from: number; to: number; label: string }[];
  /** `isNear`: where the band is narrow, its label would stand over that of the one before. */
  checkIns: { at: number; place: number; label: string; isNear: boolean }[];
  hours: { hour: number; place: number; label: string }[];
}

/** Lays out today. `blockEnd` is null without a block, or for an open-ended one. */
export function dayBand(view: View, blockEnd: number | null, now: number, style: TimeStyle): DayBand {
  const hourOf = (at: number) => hourToday(at, now, style);
  const from = view.block ? hourOf(view.block.started) : null;
  const to = view.block ? hourOf(Math.max(blockEnd ?? now, now)) : null;
  const checkIns = view.check_ins_today.filter((at) => style.sameDay(at, now));
  const past = view.blocks_today.filter(({ ended }) => style.sameDay(ended, now));
  const marks = [
    hourOf(now),
    ...past.flatMap(({ started, ended }) => [hourOf(started), hourOf(ended)]),
    ...checkIns.map(hourOf),
    ...(from === null ? [] : [from]),
    ...(to === null ? [] : [to]),
  ];
  const first = Math.max(0, Math.min(FIRST, Math.floor(Math.min(...marks))));
  const last = Math.min(24, Math.max(LAST, Math.ceil(Math.max(...marks))));
  const place = (hour: number) => ((hour - first) / (last - first)) * 100;
  const hourMark = (hour: number) => ({ hour, place: place(hour), label: style.hour(hour) });
  return {
    now: place(hourOf(now)),
    block: from === null || to === null ? null : { from: place(from), to: place(to) },
    past: past.map(({ intention, started, ended }) => ({
      at: started,
      from: place(hourOf(started)),
      to: place(hourOf(ended)),
      label: blockLabel(intention, style.time(started), style.time(ended)),
    })),
    checkIns: checkIns.map((at, index) => ({
      at,
      place: place(hourOf(at)),
      label: style.time(at),
      isNear: index > 0 && place(hourOf(at)) - place(hourOf(checkIns[index - 1] ?? at)) < LABEL,
    })),
    hours: Array.from({ length: last - first + 1 }, (_, index) => hourMark(first + index)),
  };
}

function blockLabel(intention: string | null, from: string, to: string): string {
  if (intention === null) return say("now-past-block-unnamed", { from, to });
  return say("now-past-block", { from, to, intention: oneLine(intention, 120) });
}

/** How long deep work lasted today, the running block included, in milliseconds. */
export function deepWork(view: View, now: number, style: TimeStyle): number {
  const midnight = now - style.hourOfDay(now) * 3_600_000;
  const { block } = view;
  const running = block ? Math.max(0, now - Math.max(block.started, midnight) - block.left_out) : 0;
  return view.deep_work.today + running;
}

/** The hour on today's clock: what lies before today is its start, what lies after it its end. */
function hourToday(at: number, now: number, style: TimeStyle): number {
  if (style.sameDay(at, now)) return style.hourOfDay(at);
  return at < now ? 0 : 24;
}
