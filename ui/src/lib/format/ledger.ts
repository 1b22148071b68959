// The books in words. A mismatch is an error and said as one, never smoothed over.
import type { AbsenceView, LedgerView } from "../contract";
import { shortStretch, type TimeStyle } from "./time";

/** One addend of the books. */
export interface Entry {
  count: number;
  /** As in the sentence: "let through". */
  words: string;
  /** As under a figure, where there is room. */
  caption: string;
}

/** What came in: the left side, parts of zero left out but for the newly arrived. */
export function income(ledger: LedgerView): Entry[] {
  const carried = { count: ledger.carried, words: "carried over", caption: "carried over" };
  const came = { count: ledger.came_in, words: "came in", caption: "came in" };
  return ledger.carried > 0 ? [carried, came] : [came];
}

/** Where it is now: the right side, parts of zero left out but for what is here. */
export function whereabouts(ledger: LedgerView): Entry[] {
  const parts: Entry[] = [
    { count: ledger.held, words: "here", caption: "here" },
    { count: ledger.passed, words: "let through", caption: "let through" },
    { count: ledger.withdrawn, words: "withdrawn", caption: "withdrawn by their app" },
    { count: ledger.muted, words: "muted", caption: "muted by a rule" },
    { count: ledger.expired, words: "expired", caption: "expired" },
    { count: ledger.released, words: "released", caption: "released" },
    { count: ledger.done, words: "done", caption: "done" },
  ];
  return parts.filter((part, index) => index === 0 || part.count > 0);
}

/** "2 carried over + 41 came in = 33 here + 3 let through + 5 withdrawn + 2 muted". */
export function ledgerLine(ledger: LedgerView): string {
  const sum = (entries: Entry[]) => entries.map(({ count, words }) => `${count} ${words}`).join(" + ");
  return `${sum(income(ledger))} ${balances(ledger) ? "=" : "≠"} ${sum(whereabouts(ledger))}`;
}

/** What has no row, because the store had failed and there was no room for more; nothing otherwise. */
export function onlyCountedLine(ledger: LedgerView): string {
  const count = ledger.only_counted;
  if (count === 0) return "";
  const more = count === 1 ? "1 more was shown" : `${count} more were shown`;
  return `${more}, only the count is kept: the store could not be written.`;
}

/** Whether the books balance: by the daemon's word and by our own sum. */
export function balances(ledger: LedgerView): boolean {
  return ledger.balanced && total(income(ledger)) === total(whereabouts(ledger));
}

/** What is wrong with books that do not balance. */
export function mismatch(ledger: LedgerView): string {
  const came = total(income(ledger));
  const found = total(whereabouts(ledger));
  if (came === found) return "The books do not balance, says the daemon, though the figures here add up.";
  return `The books do not balance: ${came} to account for, ${found} accounted for.`;
}

/** A line of its own for a time in which the gate was out of the path. */
export function absenceLine(away: AbsenceView, style: TimeStyle, now: number): string {
  const length = shortStretch(away.until - away.since);
  return `Gate away ${style.stamp(away.since, now)} for ${length}: what came then was shown, not counted.`;
}

function total(entries: Entry[]): number {
  return entries.reduce((sum, entry) => sum + entry.count, 0);
}
