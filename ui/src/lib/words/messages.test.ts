// The files of `locales`: that they can be read, that the types are those that follow from them, that each message is said
// somewhere, and that every language has the same.
import { expect, it } from "vitest";
import { differences, junk, repeated, typesOf, written } from "../../stage/locales";
import { asked, sources } from "../../stage/written";
import { COMPLETE } from "./catalogue";
import types from "./messages.ts?raw";

/** The page knows no files, nor do its types: this alone writes one. */
const FILES: string = "node:fs";
const { writeFileSync } = (await import(/* @vite-ignore */ FILES)) as {
  writeFileSync: (path: URL, text: string) => void;
};
const TYPES = new URL("./messages.ts", import.meta.url);
const files = Object.entries(
  import.meta.glob<string>("../../../../locales/*/*.ftl", { query: "?raw", import: "default", eager: true }),
);
const languageOf = (path: string) => path.split("/").at(-2) ?? "";
const textsOf = (language: string, prefix = "") =>
  files.flatMap(([path, text]) =>
    languageOf(path) === language && path.split("/").at(-1)?.startsWith(prefix) ? [text] : [],
  );
const languages = [...new Set(files.map(([path]) => languageOf(path)))];
const ours = written(textsOf(COMPLETE, "window"));

it.each(files)("%s can be read", (_, text) => {
  expect(junk(text)).toEqual([]);
});

it.each(languages)("%s has each message once, and as the language has it that has all", (language) => {
  const texts = textsOf(language);
  expect(repeated(texts)).toEqual([]);
  expect(differences(written(textsOf(COMPLETE)), written(texts))).toEqual([]);
});

it("the types are those of the messages: what was written anew is to be looked at", () => {
  const wanted = typesOf(ours);
  if (types !== wanted) writeFileSync(TYPES, wanted);
  expect(types === wanted, "messages.ts was written anew: look at it, and run this once more").toBe(true);
});

it("each message is said somewhere, and what is asked for is there", () => {
  const { literals, ids } = asked(sources());
  const sayable = [...ours].filter(([, { isPlace }]) => !isPlace).map(([id]) => id);
  expect(sayable.filter((id) => !literals.has(id))).toEqual([]);
  expect([...ids].filter((id) => !ours.has(id))).toEqual([]);
});

it("a message that cannot be read, or is there twice, is found", () => {
  expect(junk("good = Good\nbad Bad\n")).toEqual(["bad Bad"]);
  expect(junk("choice = { $n ->\n    [one] One\n }\n")).not.toEqual([]);
  expect(repeated(["a = A\nb = B", "b = B"])).toEqual(["b"]);
});

it("what a language lacks, has beside, or takes otherwise is found", () => {
  const complete = written(["a = { $n } held\nb = B\n    .title = Title\nc = { $link }\n    .link = L"]);
  expect(differences(complete, complete)).toEqual([]);
  expect(differences(complete, written(["a = { $m } gehalten\nb = B\nc = C\n    .link = L\nd = D"]))).toEqual(
    ["a takes m, not n", "b.title is missing", "c takes , not link", "d is in no other language"],
  );
});

it("a parameter's type follows from what is done with it", () => {
  const text = `
plain = Plain
text = { $name } is { $name }
plural =
    { $count ->
        [one] { $count } of { $all }
       *[other] { $count }
    }
exact =
    { $count ->
        [0] None
       *[5] Five
    }
choice =
    { $state ->
        [open] Open
       *[closed] Closed
    }
number = { NUMBER($size, minimumFractionDigits: 1) } MiB
linked = See { $link } of { $name }
    .link = the { $kind }
    .title = Title
`;
  expect(
    typesOf(written([text]))
      .split("\n")
      .filter((line) => line.startsWith('  "')),
  ).toEqual([
    '  "choice": { state: "open" | "closed" };',
    '  "exact": { count: number };',
    '  "linked": { name: string | number; kind: string | number };',
    '  "linked.title": null;',
    '  "number": { size: number };',
    '  "plain": null;',
    '  "plural": { count: number; all: string | number };',
    '  "text": { name: string | number };',
    '  "linked": "link";',
  ]);
});
