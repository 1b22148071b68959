// The books in words, and a mismatch that cannot be overlooked.
import { expect, it } from "vitest";
import type { LedgerView } from "../contract";
import { openView } from "../host/sample";
import { absenceLine, balances, ledgerLine, mismatch, onlyCountedLine } from "./ledger";
import { timeStyle } from "./time";

const books = (change: Partial<LedgerView>): LedgerView => ({ ...openView().ledger, ...change });
const product = books({ carried: 2, came_in: 41, held: 33, passed: 3, withdrawn: 5, muted: 2 });

it("says where everything went", () => {
  expect(ledgerLine(product)).toBe(
    "2 carried over + 41 came in = 33 here + 3 let through + 5 withdrawn + 2 muted",
  );
  expect(ledgerLine(books({}))).toBe("0 came in = 0 here");
  expect(ledgerLine(books({ came_in: 6, expired: 1, released: 2, done: 3, feedback: 9 }))).toBe(
    "6 came in = 0 here + 1 expired + 2 released + 3 done",
  );
});

it("balances only if the daemon says so and the figures add up", () => {
  expect(balances(product)).toBe(true);
  expect(balances({ ...product, balanced: false })).toBe(false);
  expect(balances({ ...product, held: 32 })).toBe(false);
});

it("shows a mismatch as one", () => {
  const lost = { ...product, held: 32 };
  expect(ledgerLine(lost)).toContain(" ≠ ");
  expect(mismatch(lost)).toBe("The books do not balance: 43 to account for, 42 accounted for.");
  expect(mismatch({ ...product, balanced: false })).toContain("says the daemon");
});

it("says what has no row", () => {
  expect(onlyCountedLine(product)).toBe("");
  expect(onlyCountedLine({ ...product, only_counted: 1 })).toContain(
    "1 more was shown, only the count is kept",
  );
  expect(onlyCountedLine({ ...product, only_counted: 20 })).toContain("20 more were shown, ");
});

it("names a time in which the gate was away", () => {
  const style = timeStyle("Europe/Berlin", "de");
  const since = Date.UTC(2026, 10, 23, 10, 2, 3);
  const line = (length: number) => absenceLine({ since, until: since + length }, style, since);
  expect(line(449)).toBe("Gate away 11:02 for 0.4 s: what came then was shown, not counted.");
  expect(line(59_999)).toContain(" for 59 s: ");
  expect(line(7_200_000)).toContain(" for 2 h: ");
});
