// For tests: what the sources of the page say by themselves, and which messages they ask for. Knows no message.
import { parse } from "svelte/compiler";

/** A file of the page. */
export interface Source {
  path: string;
  text: string;
}

/** A node of Svelte's own tree, or of the script's. */
type Node = Record<string, unknown> & { type: string };

/** Nodes from the outermost on. */
type Path = readonly Node[];

/** What is no part of the page: tests, what they are drawn on, a daemon that is made up, and types that are written by programs. */
const LEFT_OUT = /\.test\.ts$|\/(?:stage|contract)\/|\/host\/(?:fake|sample|dev)\.ts$|\/words\/messages\.ts$/;

/** Attributes, and properties of our own parts, that people see or hear. */
const SHOWN = new Set([
  "about",
  "alt",
  "aria-description",
  "aria-label",
  "aria-roledescription",
  "aria-valuetext",
  "consequence",
  "data-label",
  "label",
  "placeholder",
  "question",
  "remedy",
  "shown",
  "text",
  "title",
  "what",
  "yes",
]);

/** Keys by what stands on them, or by what browsers call them, alone and together. */
const MODIFIERS = "(?:(?:Ctrl|Control|Shift)\\+)*";
const KEY =
  "[A-Z]|Esc|Escape|Enter|Tab|Home|End|Delete|Backspace|Slash|Shift|Control|AltGraph|CapsLock|Page(?:Up|Down)|Arrow(?:Up|Down|Left|Right)|[^\\p{L}\\s]";
const KEYS = new RegExp(`^${MODIFIERS}(?:${KEY})?$`, "u");

/** Words of no language: a command, what a browser is asked for, and the name of a class. */
const NO_WORDS = new Set([
  "tidegate quit",
  "input, textarea",
  "input:not([type=radio]), textarea, [contenteditable]",
  "HostFailure",
]);

const LETTER = /\p{L}/u;

/** All of it. */
export function sources(): Source[] {
  const files = import.meta.glob<string>("/src/**/*.{svelte,ts}", {
    query: "?raw",
    import: "default",
    eager: true,
  });
  return Object.entries(files).flatMap(([path, text]) => (LEFT_OUT.test(path) ? [] : [{ path, text }]));
}

/** The literals of these sources, and the ids of messages that they ask for. */
export function asked(of: readonly Source[]): { literals: Set<string>; ids: Set<string> } {
  const literals = new Set<string>();
  const ids = new Set<string>();
  for (const source of of)
    walk(tree(source), [], (node, path) => {
      for (const text of literalOf(node)) {
        literals.add(text);
        if (isAsked(node, path)) ids.add(text);
      }
    });
  return { literals, ids };
}

/** What a source says in words of its own: `ids` are those of messages. */
export function wordsIn(source: Source, ids: ReadonlySet<string>): string[] {
  const found: string[] = [];
  // What these give is shown, if it is a string at all.
  const gives = /\.svelte$|\/lib\/format\//.test(source.path);
  walk(tree(source), [], (node, path) => {
    for (const text of literalOf(node))
      if (!ids.has(text) && isWords(text, node, path, gives)) found.push(text.trim());
  });
  return found;
}

function isWords(text: string, node: Node, path: Path, gives: boolean): boolean {
  if (!LETTER.test(text) || KEYS.test(text) || NO_WORDS.has(text) || isCompared(node, path)) return false;
  if (node.type === "Text") return isShown(path);
  const place = path.findLast(
    ({ type }) => type === "Attribute" || type === "ExpressionTag" || type === "Script",
  );
  if (place?.type === "Script") return isSentence(text) || (gives && isResult(path));
  return isShown(path) && (isSentence(text) || !isArgument(path));
}

/** Text between tags, or in an attribute that is shown. */
function isShown(path: Path): boolean {
  const attribute = path.findLast(({ type }) => type === "Attribute" || type === "StyleDirective");
  return attribute === undefined || SHOWN.has(String(attribute["name"]));
}

/** In code: several words, or one that begins as a sentence does. */
function isSentence(text: string): boolean {
  return /\p{L}{2}/u.test(text) && (/\p{L}\s|\s\p{L}/u.test(text) || /^\p{Lu}\p{Ll}/u.test(text.trim()));
}

/** Between a function and what it gives there is nothing but a choice. */
const CHOICES = new Set([
  "ArrayExpression",
  "ConditionalExpression",
  "LogicalExpression",
  "MemberExpression",
  "TemplateLiteral",
]);

/** What a function gives. */
function isResult(path: Path): boolean {
  const giver = path.findLast(({ type }) => !CHOICES.has(type));
  return giver?.type === "ReturnStatement";
}

function isCompared(node: Node, path: Path): boolean {
  const parent = path.at(-1);
  const comparisons = new Set(["===", "!==", "in", "<", ">"]);
  if (parent?.type === "BinaryExpression") return comparisons.has(String(parent["operator"]));
  return (
    parent?.type === "SwitchCase" || (parent?.type === "MemberExpression" && parent["property"] === node)
  );
}

/** What a function is called with, as a word of the code that chooses. */
function isArgument(path: Path): boolean {
  const from = path.findLastIndex(({ type }) => type === "Attribute" || type === "ExpressionTag");
  return path.slice(from + 1).some(({ type }) => type === "CallExpression");
}

/** The id of `say` or of a sentence. */
function isAsked(node: Node, path: Path): boolean {
  const at = path.findLastIndex(({ type }) => type === "CallExpression" || type === "Attribute");
  const place = path[at];
  if (place?.type === "Attribute")
    return (
      place["name"] === "id" && path[at - 1]?.type === "Component" && path[at - 1]?.["name"] === "Sentence"
    );
  const [callee, args] = [place?.["callee"] as Node | undefined, place?.["arguments"] as Node[] | undefined];
  return callee?.["name"] === "say" && !isCompared(node, path) && (path[at + 1] ?? node) === args?.[0];
}

/** The strings of a node: a template's are what stands between its values. */
function literalOf(node: Node): string[] {
  if (node.type === "Text") return [String(node["data"])];
  if (node.type === "Literal" && typeof node["value"] === "string") return [node["value"]];
  if (node.type === "TemplateElement") return [String((node["value"] as { cooked?: string }).cooked ?? "")];
  return [];
}

/** A script by itself is read as one of a component. */
function tree({ path, text }: Source): Node {
  const source = path.endsWith(".svelte") ? text : `<script lang="ts">${text}</script>`;
  return parse(source, { modern: true }) as unknown as Node;
}

/** Goes through a tree. Types, styles and what is imported say nothing. */
function walk(node: Node, path: Path, see: (node: Node, path: Path) => void): void {
  if (/^TS(?!AsExpression|NonNull|Satisfies)|^Import|^StyleSheet$|^SvelteOptions$/.test(node.type)) return;
  see(node, path);
  const inside = [...path, node];
  for (const [name, value] of Object.entries(node)) {
    if (name === "metadata" || name === "source" || (name === "key" && node["computed"] === false)) continue;
    for (const each of Array.isArray(value) ? value : [value]) if (isNode(each)) walk(each, inside, see);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}
