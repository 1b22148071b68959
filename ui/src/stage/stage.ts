// For tests: parts of the page on the made-up host, drawn as text without a browser.
import type { Component } from "svelte";
import { render } from "svelte/server";
import { timeStyle } from "../lib/format/time";
import type { FakeHost } from "../lib/host/fake";
import { CheckIn } from "../lib/state/checkIn.svelte";
import type { Desk } from "../lib/state/context";
import { Gate } from "../lib/state/gate.svelte";
import { Held } from "../lib/state/held.svelte";
import { Overlay } from "../lib/state/overlay.svelte";
import { Search } from "../lib/state/search.svelte";
import { Settings } from "../lib/state/settings.svelte";
import { Withdrawn } from "../lib/state/withdrawn.svelte";
import Stage from "./Stage.svelte";

/** The page's state on this host, with everything fetched. */
export async function deskOn(host: FakeHost): Promise<Desk> {
  const gate = new Gate(host);
  const checkIn = new CheckIn(gate);
  const held = new Held(gate);
  const search = new Search(gate);
  const withdrawn = new Withdrawn(gate);
  const settings = new Settings(gate);
  await gate.open();
  await held.refresh();
  await withdrawn.catchUp();
  const style = timeStyle("Europe/Berlin", "de-DE");
  await settings.refresh();
  return { gate, checkIn, held, search, withdrawn, settings, overlay: new Overlay(), style };
}

/** What a part of the page says, tags and all, without what the drawing adds for itself. */
export function draw<Props extends Record<string, unknown>>(
  desk: Desk,
  part: Component<Props>,
  props: Props,
): string {
  const given = { desk, part: part as unknown as Component<Record<string, unknown>>, props };
  return render(Stage, { props: given }).body.replace(/<!--.*?-->/g, "");
}

/** The text alone: what is read, those who listen included. */
export function words(html: string): string {
  return html
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
