// What the page knows of the daemon: newest view only, gone when it is gone, failures said.
import { beforeEach, expect, it, vi } from "vitest";
import { saidElsewhere } from "../words/told";
import { FakeHost } from "../host/fake";
import { type CommandRequest, HostFailure } from "../host/host";
import { closedView, openView } from "../host/sample";
import { Gate } from "./gate.svelte";

let host: FakeHost;
let gate: Gate;

beforeEach(async () => {
  host = new FakeHost(openView({ revision: 7 }));
  gate = new Gate(host);
  await gate.open();
});

it("asks for the view when it opens", () => {
  expect(host.asked).toEqual([{ verb: "view" }]);
  expect([gate.presence, gate.view?.revision]).toEqual(["here", 7]);
});

it("takes a newer view and drops an older one", () => {
  host.push(closedView({ revision: 9 }));
  host.push(openView({ revision: 8 }));
  host.push(openView({ revision: 9 }));
  expect([gate.view?.revision, gate.view?.gate.closed]).toEqual([9, true]);
});

it("forgets the view of a daemon that has gone, and takes the next one's from its first revision", () => {
  host.quit();
  expect([gate.presence, gate.view]).toEqual(["away", null]);
  host.push(openView({ revision: 1 }));
  expect([gate.presence, gate.view?.revision]).toEqual(["here", 1]);
});

it("says where an address leads that was opened, and why one was not", async () => {
  await gate.openAddress("https://example.org/a", "example.org");
  expect([host.opened, gate.message]).toEqual([["https://example.org/a"], "Opening example.org"]);
  host.opensNothing = true;
  await gate.openAddress("https://example.org/a", "example.org");
  expect([gate.failure?.message, gate.message]).toEqual([
    "example.org was not opened. No program is set for https addresses",
    "",
  ]);
});

it("tells its followers of news, and of nothing else", () => {
  let told = 0;
  gate.follow(() => (told += 1));
  host.push(openView({ revision: 8 }));
  host.push(openView({ revision: 8 }));
  host.quit();
  expect(told).toBe(2);
});

it("says why a request was not met, until the next one", async () => {
  host.failing.set("end", "conflict");
  expect(await gate.ask({ verb: "end" })).toBeNull();
  expect(gate.failure).toMatchObject({ code: "conflict", message: "The end request failed." });
  expect([gate.presence, gate.busy]).toEqual(["here", false]);
  await gate.ask({ verb: "extend", minutes: 10 });
  expect(gate.failure).toBeNull();
});

it("says what was left out of what was done", async () => {
  await gate.ask({ verb: "done", which: { kind: "ids", ids: [77] } });
  expect(gate.failure).toMatchObject({ code: "not-found", message: "Nothing has the id 77." });
});

it("asks in the order in which it was pressed, and keeps what failed of each", async () => {
  host.failing.set("done", "store");
  const done = (id: number) => (): Promise<CommandRequest> =>
    Promise.resolve({ verb: "done", which: { kind: "ids", ids: [id] } });
  await Promise.all([
    gate.inTurn(done(1), "One was not done"),
    gate.inTurn(() => Promise.resolve({ verb: "end" })),
    gate.inTurn(done(2), "Two was not done"),
    gate.inTurn(() => Promise.resolve(null)),
  ]);
  expect(host.asked.slice(1).map(({ verb }) => verb)).toEqual(["done", "end", "done"]);
  expect(gate.failures.map(({ message }) => message)).toEqual([
    "One was not done. The done request failed.",
    "Two was not done. The done request failed.",
  ]);
  gate.putAway();
  expect(gate.failure?.message).toBe("One was not done. The done request failed.");
});

it("forgets what failed by a trouble that is over, and nothing else", async () => {
  host.failing.set("end", "store");
  await gate.ask({ verb: "end" });
  host.change({ ready: true });
  expect(gate.failure?.code).toBe("store");
  host.change({ troubles: [{ code: "store", text: saidElsewhere(""), remedy: saidElsewhere("") }] });
  expect(gate.failure?.code).toBe("store");
  host.change({ troubles: [] });
  expect(gate.failure).toBeNull();
  host.failing.set("end", "no-renderer");
  host.change({ renderer: { name: "dunst", up: false } });
  await gate.ask({ verb: "end" });
  host.change({ renderer: { name: "dunst", up: true } });
  expect(gate.failure).toBeNull();
});

it("is busy until what follows a request is over", async () => {
  const nothing = () => {};
  let finish = nothing;
  const following = gate.during(async () => {
    await gate.ask({ verb: "end" });
    await new Promise<void>((resolve) => (finish = resolve));
  });
  await vi.waitFor(() => expect(finish).not.toBe(nothing));
  expect(gate.busy).toBe(true);
  finish();
  await following;
  expect(gate.busy).toBe(false);
});

it("is away when a request finds no daemon", async () => {
  host.failing.set("end", "away");
  await gate.ask({ verb: "end" });
  expect([gate.presence, gate.view]).toEqual(["away", null]);
});

it("starts a daemon that is away, or says why not", async () => {
  host.quit();
  host.startable = false;
  await gate.start();
  expect([gate.presence, gate.failure?.code]).toEqual(["away", "away"]);
  host.startable = true;
  await gate.start();
  expect([gate.presence, gate.failure]).toEqual(["here", null]);
});

it("is away from the start without a daemon", async () => {
  host.running = host.startable = false;
  const alone = new Gate(host);
  expect(alone.presence).toBe("asking");
  await alone.open();
  expect(alone.presence).toBe("away");
});

it("says so when it cannot listen", async () => {
  const deaf = new FakeHost();
  deaf.onView = () => Promise.reject(new Error("not allowed"));
  const alone = new Gate(deaf);
  await alone.open();
  expect([alone.presence, alone.failure?.message]).toEqual(["away", "not allowed"]);
});

it("hears nothing more once it is closed", () => {
  gate.close();
  host.push(openView({ revision: 99 }));
  expect(gate.view?.revision).toBe(7);
});

it.each([
  [new Error("boom"), { code: "internal", message: saidElsewhere("boom") }],
  ["text", { code: "internal", message: saidElsewhere("text") }],
  [
    { code: "store", message: { id: "failure-store" } },
    { code: "store", message: { id: "failure-store" } },
  ],
  [{ code: 7 }, { code: "internal", message: saidElsewhere("[object Object]") }],
])("makes a failure of whatever was thrown: %s", (thrown, expected) => {
  expect(HostFailure.from(thrown).failure).toEqual(expected);
});
