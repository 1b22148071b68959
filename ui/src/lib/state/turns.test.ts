// One run at a time, and nothing asked for is ever lost.
import { expect, it } from "vitest";
import { Turns } from "./turns";

it("runs once more for all that is asked for meanwhile", async () => {
  let runs = 0;
  const turns = new Turns(async () => void (runs += 1));
  await Promise.all([turns.take(), turns.take(), turns.take()]);
  expect(runs).toBe(2);
  await turns.take();
  expect(runs).toBe(3);
});

it("loses nothing that is asked for while it ends", async () => {
  let wanted = 0;
  let done = 0;
  const turns = new Turns(async () => void (done = wanted));
  for (let tick = 1; tick < 20; tick += 1) {
    wanted = tick;
    const taken = turns.take();
    for (let pause = 0; pause < tick % 6; pause += 1) await Promise.resolve();
    wanted += 100;
    await Promise.all([taken, turns.take()]);
    expect(done).toBe(wanted);
  }
});

it("can run again after it failed", async () => {
  let fails = true;
  const turns = new Turns(() => (fails ? Promise.reject(new Error("no")) : Promise.resolve()));
  await expect(turns.take()).rejects.toThrow("no");
  fails = false;
  await expect(turns.take()).resolves.toBeUndefined();
});
