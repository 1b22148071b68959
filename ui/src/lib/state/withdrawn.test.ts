// What apps took back, on a made-up daemon: fetched when it says something else, and seen once.
import { beforeEach, describe, expect, it } from "vitest";
import { FakeHost } from "../host/fake";
import { closedView, item } from "../host/sample";
import { Gate } from "./gate.svelte";
import { Withdrawn } from "./withdrawn.svelte";

let host: FakeHost;
let gate: Gate;
let withdrawn: Withdrawn;

const back = (id: number, app = "Web Chat") =>
  item({ id, app, app_id: app, state: "withdrawn", live: false });
const asked = (verb: string) => host.asked.filter((request) => request.verb === verb);
const shown = () =>
  withdrawn.list.apps.map(({ app, count, items }) => [app, count, items.map(({ id }) => id)]);

beforeEach(async () => {
  host = new FakeHost(closedView());
  gate = new Gate(host);
  withdrawn = new Withdrawn(gate);
  await gate.open();
});

describe("what was taken back", () => {
  it("is not asked for while there is nothing", async () => {
    await withdrawn.catchUp();
    host.hold([item({ id: 1 })]);
    await withdrawn.catchUp();
    expect([asked("withdrawn"), shown()]).toEqual([[], []]);
  });

  it("follows the daemon, and is over when the check-in is", async () => {
    host.takeBack([back(7), back(8, "Mail"), back(9)]);
    await withdrawn.catchUp();
    expect(shown()).toEqual([
      ["Web Chat", 2, [7, 9]],
      ["Mail", 1, [8]],
    ]);
    host.takeBack([]);
    await withdrawn.catchUp();
    expect(shown()).toEqual([]);
  });

  it("is told to have been seen once, and again when there is more", async () => {
    await withdrawn.saw();
    host.takeBack([back(7)]);
    await withdrawn.catchUp();
    await withdrawn.saw();
    await withdrawn.saw();
    host.takeBack([back(7), back(8)]);
    await withdrawn.catchUp();
    await withdrawn.saw();
    expect(asked("saw-withdrawn")).toEqual([
      { verb: "saw-withdrawn", upto: 1 },
      { verb: "saw-withdrawn", upto: 2 },
    ]);
  });

  it("is asked for anew when another daemon comes", async () => {
    host.takeBack([back(7)]);
    await withdrawn.catchUp();
    host.push(null);
    expect(shown()).toEqual([]);
    host.push({ ...host.view, revision: 1 });
    await withdrawn.catchUp();
    await withdrawn.saw();
    expect([shown().length, asked("saw-withdrawn").length]).toEqual([1, 1]);
  });
});
