// What the daemon says: its messages by their ids, from the files of `locales` that are neither the window's nor the command
// line's own, with what it gave for their parameters. Knows neither what they are about nor where they are shown.
import type { Argument, Message } from "../contract";
import { shortStretch, stretch, type TimeStyle } from "../format/time";
import { type Args, Catalogue } from "./catalogue";
import { LANGUAGE } from "./say";

const FILES = import.meta.glob<string>(
  ["../../../../locales/*/*.ftl", "!../../../../locales/*/{cli,window}*.ftl"],
  {
    query: "?raw",
    import: "default",
    eager: true,
  },
);
let read: Catalogue | null = null;

/** Read with the first message that comes: the page is drawn without. */
function catalogue(): Catalogue {
  return (read ??= new Catalogue(FILES, [LANGUAGE]));
}

/** How times are told, and what "now" is. */
export interface Times {
  style: TimeStyle;
  now: number;
}

/** What a message says; one that is not known, as from a daemon of another version, says its id. */
export function told({ id, args = {} }: Message, times: Times): string {
  const given = Object.entries(args).map(([name, argument]) => [name, worded(argument, times)] as const);
  return catalogue().say(id, Object.fromEntries(given) satisfies Args);
}

/** Words of another program, as a message. */
export function saidElsewhere(text: string): Message {
  return { id: "failure-said", args: { said: { text } } };
}

function worded(argument: Argument, times: Times): string | number {
  const { style, now } = times;
  if ("text" in argument) return argument.text;
  if ("number" in argument) return argument.number;
  if ("instant" in argument) return style.when(argument.instant, now);
  if ("stamp" in argument) return style.stamp(argument.stamp, now);
  if ("second" in argument) return style.stamp(argument.second, now);
  if ("brief" in argument) return shortStretch(argument.brief);
  if ("length" in argument) return stretch(argument.length);
  if ("size" in argument) return size(argument.size);
  return told(argument.message, times);
}

const STEP = 1_024;

/** As the command line says it: "812 bytes", "1.5 KiB", "60 MiB". */
function size(bytes: number): string {
  if (bytes < STEP) return catalogue().say("size-bytes", { bytes });
  const units = ["size-kib", "size-mib", "size-gib"];
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length);
  const tenths = Math.floor((bytes * 10) / STEP ** power);
  const count = tenths % 10 === 0 || tenths >= 100 ? Math.floor(tenths / 10) : tenths / 10;
  return catalogue().say(units[power - 1] ?? "", { size: String(count) });
}
