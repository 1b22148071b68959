// The books in words. A mismatch is an error and said as one, never smoothed over.
import type { AbsenceView, LedgerView } from "../contract";
import { say } from "../words/say";
import { shortStretch, type TimeStyle } from "./time";

/** One addend of the books. */
export interface Entry {
  count: number;
  /** As in the sum: "3 let through". */
  words: string;
}

/** What came in: the left side, parts of zero left out but for the newly arrived. */
export function income(ledger: LedgerView): Entry[] {
  const carried = { count: ledger.carried, words: say("window-books-carried", { count: ledger.carried }) };
  const came = { count: ledger.came_in, words: say("window-books-came", { count: ledger.came_in }) };
  return ledger.carried > 0 ? [carried, came] : [came];
}

/** Where it is now: the right side, parts of zero left out but for what is here. */
export function whereabouts(ledger: LedgerView): Entry[] {
  const parts: Entry[] = [
    { count: ledger.held, words: say("window-books-here", { count: ledger.held }) },
    { count: ledger.passed, words: say("window-books-passed", { count: ledger.passed }) },
    { count: ledger.withdrawn, words: say("window-books-withdrawn", { count: ledger.withdrawn }) },
    { count: ledger.muted, words: say("window-books-muted", { count: ledger.muted }) },
    { count: ledger.expired, words: say("window-books-expired", { count: ledger.expired }) },
    { count: ledger.released, words: say("window-books-released", { count: ledger.released }) },
    { count: ledger.done, words: say("window-books-done", { count: ledger.done }) },
  ];
  return parts.filter((part, index) => index === 0 || part.count > 0);
}

/** "2 carried over + 41 came in = 33 here + 3 let through + 5 withdrawn + 2 muted". */
export function ledgerLine(ledger: LedgerView): string {
  const sum = (entries: Entry[]) => entries.map(({ words }) => words).join(" + ");
  return `${sum(income(ledger))} ${balances(ledger) ? "=" : "≠"} ${sum(whereabouts(ledger))}`;
}

/** What has no row, because the store had failed and there was no room for more; nothing otherwise. */
export function onlyCountedLine(ledger: LedgerView): string {
  const count = ledger.only_counted;
  return count === 0 ? "" : say("window-books-only-counted", { count });
}

/** Whether the books balance: by the daemon's word and by our own sum. */
export function balances(ledger: LedgerView): boolean {
  return ledger.balanced && total(income(ledger)) === total(whereabouts(ledger));
}

/** What is wrong with books that do not balance. */
export function mismatch(ledger: LedgerView): string {
  const came = total(income(ledger));
  const found = total(whereabouts(ledger));
  return came === found ? say("window-books-mismatch-daemon") : say("window-books-mismatch", { came, found });
}

/** A line of its own for a time in which the gate was out of the path. */
export function absenceLine(away: AbsenceView, style: TimeStyle, now: number): string {
  const length = shortStretch(away.until - away.since);
  return say("window-books-away", { since: style.stamp(away.since, now), length });
}

function total(entries: Entry[]): number {
  return entries.reduce((sum, entry) => sum + entry.count, 0);
}
