// A check-in on a made-up daemon, which ends it with the last one that is dealt with, as the real one does.
import { beforeEach, expect, it } from "vitest";
import { FakeHost } from "../host/fake";
import { item, openView, sampleItems } from "../host/sample";
import { CheckIn } from "./checkIn.svelte";
import { Gate } from "./gate.svelte";
import { Held } from "./held.svelte";

let host: FakeHost;
let gate: Gate;
let held: Held;
let checkIn: CheckIn;

beforeEach(async () => {
  host = new FakeHost(openView(), []);
  gate = new Gate(host);
  checkIn = new CheckIn(gate);
  held = new Held(gate);
  await gate.open();
  host.hold(sampleItems());
  await held.refresh();
  await checkIn.begin();
});

const asked = (verb: string) => host.asked.filter((request) => request.verb === verb).length;
const workOff = async () => {
  for (let left = host.items.length; left > 0; left -= 1) await held.list.choice.take("done");
};

it("keeps the books of the period that was handed over, until it is closed", async () => {
  expect([checkIn.open, checkIn.books?.came_in, gate.view?.ledger.carried]).toEqual([true, 6, 6]);
  await held.list.choice.take("done");
  expect(checkIn.books?.came_in).toBe(6);
  expect(await checkIn.close()).toBe(true);
  expect([checkIn.open, checkIn.books, checkIn.ended]).toEqual([false, null, null]);
});

it("knows these books also in a window that opens after its beginning", async () => {
  const late = new Gate(host);
  const opened = new CheckIn(late);
  await late.open();
  expect([opened.open, opened.books?.came_in, late.view?.ledger.came_in]).toEqual([true, 6, 0]);
});

it("ends with the last one that is dealt with, unasked: what comes afterwards does not reopen it", async () => {
  await workOff();
  expect([checkIn.open, checkIn.ended, asked("close-check-in")]).toEqual([false, { dealt: 6, later: 0 }, 0]);
  host.hold([item({ id: 40 })]);
  expect([checkIn.open, checkIn.ended?.dealt, gate.view?.checking_in]).toEqual([false, 6, false]);
});

it("hands over once, however often it is pressed", async () => {
  const before = asked("check-in");
  expect(await Promise.all([checkIn.begin(), checkIn.begin()])).toEqual([true, true]);
  expect(asked("check-in") - before).toBe(1);
});

it("says how many were put off", async () => {
  await held.list.choice.take("later");
  for (let left = 5; left > 0; left -= 1) await held.list.choice.take("done");
  expect(checkIn.ended).toEqual({ dealt: 5, later: 1 });
});

it("comes back with what is taken back, and ends again", async () => {
  await workOff();
  await held.undo();
  expect([checkIn.open, checkIn.ended, held.list.order.seqs.length]).toEqual([true, null, 1]);
  host.hold([...host.items, item({ id: 40 })]);
  expect(checkIn.open).toBe(true);
  await workOff();
  expect([checkIn.open, checkIn.ended?.dealt]).toEqual([false, 7]);
});

it("is over with what it ended with once a block starts", async () => {
  await workOff();
  await gate.ask({ verb: "start", length: { kind: "open" }, intention: null });
  expect([checkIn.open, checkIn.ended, checkIn.books]).toEqual([false, null, null]);
});

it("begins anew with the next one", async () => {
  await workOff();
  host.hold([item({ id: 40 })]);
  await checkIn.begin();
  expect([checkIn.open, checkIn.ended, checkIn.books?.done, gate.view?.ledger.carried]).toEqual([
    true,
    null,
    6,
    1,
  ]);
});

it("is open while something is left, whatever is done with the rest, and not closed unasked", async () => {
  await held.takeMany("done", { kind: "app", app_id: "im.riot.Riot" });
  expect([checkIn.open, asked("close-check-in")]).toEqual([true, 0]);
  await checkIn.close();
  expect([asked("close-check-in"), await checkIn.close()]).toEqual([1, false]);
});

it("has an end also where its beginning and its end are told in one", async () => {
  await workOff();
  const period = (gate.view?.period ?? 0) + 1;
  const handed_over = gate.view?.ledger ?? null;
  const ledger = { ...openView().ledger, carried: 3, done: 3 };
  host.change({ checking_in: false, worked_off: true, period, handed_over, ledger });
  expect([checkIn.open, checkIn.ended, checkIn.books?.done]).toEqual([false, { dealt: 3, later: 0 }, 6]);
  checkIn.leave();
  host.change({ held: 1 });
  expect(checkIn.ended).toBeNull();
});

it("is closed though no view has told of its beginning yet", async () => {
  await checkIn.close();
  const begins = checkIn.begin();
  expect(checkIn.open).toBe(false);
  expect(await checkIn.close()).toBe(true);
  await begins;
  expect(asked("close-check-in")).toBe(2);
});
