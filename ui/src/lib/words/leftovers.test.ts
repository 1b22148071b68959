// That the page says nothing but what the catalogue says: no words are written into its parts or its code.
import { expect, it } from "vitest";
import { type Source, sources, wordsIn } from "../../stage/written";
import { written } from "../../stage/locales";

const files = import.meta.glob<string>("../../../../locales/en/window*.ftl", {
  query: "?raw",
  import: "default",
  eager: true,
});
const ids = new Set(written(Object.values(files)).keys());
const all = sources().map((source): [string, Source] => [source.path, source]);
const words = (path: string, text: string) => wordsIn({ path, text }, ids);

it("there is something to look at", () => {
  expect(all.length).toBeGreaterThan(80);
});

it.each(all)("%s says nothing by itself", (_, source) => {
  expect(wordsIn(source, ids)).toEqual([]);
});

it.each([
  ["<p>Nothing is held</p>", ["Nothing is held"]],
  ["<p>{count} held</p>", ["held"]],
  ["{#if a}<b>{b}</b>{:else}No{/if}", ["No"]],
  ['<input placeholder="Search" class="wide" />', ["Search"]],
  ['<input aria-label="All from {name}" />', ["All from"]],
  ['<Confirm question="Sure?" yes={"Yes"} name="once" />', ["Sure?", "Yes"]],
  ['<p>{open ? "open" : "closed"}</p>', ["open", "closed"]],
  ["<p>{`${count} min`}</p>", ["min"]],
  ['<p>{say("window-minutes", { minutes: "Some of them" })}</p>', ["Some of them"]],
  ['<script lang="ts">const words = "not put off";</script>', ["not put off"]],
  ['<script lang="ts">const words = "Copied";</script>', ["Copied"]],
])("of %s it is found", (text, found) => {
  expect(words("/src/X.svelte", text)).toEqual(found);
});

it.each([
  ["/src/lib/state/x.ts", "const what = `${where} was not opened`;", ["was not opened"]],
  ["/src/lib/state/x.ts", 'function x() { return "now"; }', []],
  ["/src/lib/format/x.ts", 'function x() { return "critical"; }', ["critical"]],
  ["/src/lib/format/x.ts", 'function x() { return a ? ["low", ""][b] ?? "" : "x"; }', ["low", "x"]],
])("of code in %s it is found: %s", (path, text, found) => {
  expect(words(path, text)).toEqual(found);
});

it.each([
  '<p class="muted small" title={say("window-copy.title")}>{say("window-cancel")} · {view.app} (3)</p>',
  '<p>{say(state === "open" ? "window-cancel" : "window-close", { deed: "done" })}</p>',
  '<Key name="Ctrl+N" /><input type="search" aria-keyshortcuts="/ Control+F" />',
  '<script lang="ts">import type { View } from "./a view";\n  type Name = "Of a type";\n  if (key === "Any words") go();</script>',
  '<style>\n  p::before { content: "Of a style"; }\n</style>',
])("no words are found in %s", (text) => {
  expect(words("/src/X.svelte", text)).toEqual([]);
});
