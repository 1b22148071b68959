// For tests: the files of `locales` as they are written, the types that follow from them, and what a language lacks.
import {
  type Attribute,
  type CallArguments,
  type Message,
  NumberLiteral,
  parse,
  type Pattern,
  type SelectExpression,
  VariableReference,
  Visitor,
} from "@fluent/syntax";

/** A message or an attribute as far as code knows it. */
export interface Written {
  /** Its parameters by their names, each with its type. */
  parameters: Map<string, string>;
  /** Those that an attribute of their name words: a component draws what stands there. */
  linked: string[];
  /** An attribute that words a place of its message, and is never said by itself. */
  isPlace: boolean;
}

/** Messages by their ids, attributes as "id.attribute". */
export type WrittenMessages = Map<string, Written>;

/** What a parameter is of which nothing more is known. */
const ANY = "string | number";
const PLURALS = new Set(["zero", "one", "two", "few", "many", "other"]);

/** What cannot be read of a file, each by its line. */
export function junk(text: string): string[] {
  const { body } = parse(text, {});
  return body.flatMap((entry) => (entry.type === "Junk" ? [entry.content.split("\n", 1)[0] ?? ""] : []));
}

/** The ids that more than one of these files has. */
export function repeated(texts: readonly string[]): string[] {
  const ids = texts.flatMap((text) => messagesOf(text).map(({ id }) => id.name));
  return ids.filter((id, at) => ids.indexOf(id) !== at);
}

/** All messages of these files. */
export function written(texts: readonly string[]): WrittenMessages {
  return new Map(texts.flatMap(messagesOf).flatMap(entriesOf));
}

/** The file of types that follows from these messages. */
export function typesOf(messages: WrittenMessages): string {
  const sorted = [...messages].sort(([one], [other]) => (one < other ? -1 : 1));
  const said = sorted.filter(([, { isPlace }]) => !isPlace);
  const linked = sorted.filter(([, { linked }]) => linked.length > 0);
  return `// This file was generated from locales/en: \`npx vitest run words\` writes it anew. Do not edit it.

/** What each message takes, and each attribute of one; null where that is nothing. */
export interface Messages {
${said.map(([id, { parameters }]) => `  "${id}": ${typeOf(parameters)};\n`).join("")}}

/** The places of a message that are worded by its attribute of that name, for a component to draw. */
export interface Linked {
${linked.map(([id, { linked }]) => `  "${id}": ${linked.map((place) => `"${place}"`).join(" | ")};\n`).join("")}}
`;
}

/** How the messages of a language differ from those that there have to be; nothing if they do not. */
export function differences(complete: WrittenMessages, other: WrittenMessages): string[] {
  const named = ({ parameters, linked }: Written) => [...parameters.keys(), ...linked].sort().join(", ");
  const lacking = [...complete].flatMap(([id, message]) => {
    const there = other.get(id);
    if (!there) return [`${id} is missing`];
    return named(there) === named(message) ? [] : [`${id} takes ${named(there)}, not ${named(message)}`];
  });
  const further = [...other.keys()].filter((id) => !complete.has(id));
  return [...lacking, ...further.map((id) => `${id} is in no other language`)];
}

function messagesOf(text: string): Message[] {
  return parse(text, {}).body.filter((entry) => entry.type === "Message");
}

function entriesOf({ id, value, attributes }: Message): [string, Written][] {
  const inValue = parametersOf(value);
  const places = attributes.filter(({ id }) => inValue.has(id.name));
  const entries = attributes.map((attribute): [string, Written] => [
    `${id.name}.${attribute.id.name}`,
    { parameters: parametersOf(attribute.value), linked: [], isPlace: places.includes(attribute) },
  ]);
  if (value === null) return entries;
  return [[id.name, { ...whole(inValue, places), isPlace: false }], ...entries];
}

/** Of a message with places that its attributes word, the parameters of those are its own. */
function whole(
  inValue: Map<string, string>,
  places: readonly Attribute[],
): Pick<Written, "parameters" | "linked"> {
  const linked = places.map(({ id }) => id.name);
  const parameters = new Map([...inValue].filter(([name]) => !linked.includes(name)));
  for (const { value } of places)
    for (const [name, type] of parametersOf(value))
      parameters.set(name, narrower(parameters.get(name), type));
  return { parameters, linked };
}

/** Finds each parameter, and what it has to be where it chooses or is written as a number. */
class Parameters extends Visitor {
  readonly found = new Map<string, string>();

  override visitVariableReference({ id }: VariableReference): void {
    this.#add(id.name, ANY);
  }

  override visitSelectExpression(select: SelectExpression): void {
    const { selector, variants } = select;
    if (selector instanceof VariableReference) {
      const keys = variants.map(({ key }) => (key instanceof NumberLiteral ? null : key.name));
      const isNumber = keys.some((key) => key === null || PLURALS.has(key));
      this.#add(selector.id.name, isNumber ? "number" : keys.map((key) => `"${key}"`).join(" | "));
    }
    this.genericVisit(select);
  }

  /** What a function takes is a number: there is NUMBER alone. */
  override visitCallArguments(call: CallArguments): void {
    for (const each of call.positional)
      if (each instanceof VariableReference) this.#add(each.id.name, "number");
    this.genericVisit(call);
  }

  #add(name: string, type: string): void {
    this.found.set(name, narrower(this.found.get(name), type));
  }
}

function parametersOf(pattern: Pattern | null): Map<string, string> {
  const parameters = new Parameters();
  if (pattern) parameters.visit(pattern);
  return parameters.found;
}

function narrower(known: string | undefined, type: string): string {
  return known === undefined || known === ANY ? type : known;
}

function typeOf(parameters: Map<string, string>): string {
  if (parameters.size === 0) return "null";
  return `{ ${[...parameters].map(([name, type]) => `${name}: ${type}`).join("; ")} }`;
}
