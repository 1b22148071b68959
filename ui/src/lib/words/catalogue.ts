// A catalogue of messages in some languages: what is said for an id. Pure: knows no message, and not where files lie.
import { FluentBundle, FluentNumber, FluentResource } from "@fluent/bundle";

/** The language that has every message. */
export const COMPLETE = "en";

/** What the parameters of a message are. It is only ever text: nothing in it is read as a message. */
export type Args = Readonly<Record<string, string | number>>;

/** A part of a sentence: words, or a place in it with what stands there. */
export type Piece = string | { place: string; words: string };

type Pattern = Parameters<FluentBundle["formatPattern"]>[0];
type Scope = Parameters<FluentNumber["toString"]>[0];

/** A message, or an attribute of one, in the language that it was found in. */
interface Known {
  bundle: FluentBundle;
  pattern: Pattern;
}

/** As numbers are written here: no digits are set apart. */
const PLAIN = { useGrouping: false };

/** What is around a place, and between its name and its words: no text has them, by Unicode's own word. */
const [BEGIN, END, THEN] = ["\ufdd0", "\ufdd1", "\ufdd2"];
const MARKS = /[\ufdd0-\ufdd2]/gu;
const PLACES = /\ufdd0([^\ufdd1]*)\ufdd1/u;

/** A number whose place in the sentence is marked; which plural it takes is not changed by that. */
class MarkedNumber extends FluentNumber {
  #place: string;

  constructor(value: number, place: string) {
    super(value, PLAIN);
    this.#place = place;
  }

  override toString(scope?: Scope): string {
    return marked(this.#place, super.toString(scope));
  }
}

/** The messages of one language; where it has none, those of the one that has all. */
export class Catalogue {
  /** The language that is spoken, by its folder's name. */
  readonly language: string;
  #known = new Map<string, Known>();

  /** `files` are texts by their paths, each in a folder that is named by its language; the first that is wanted counts. */
  constructor(files: Readonly<Record<string, string>>, wanted: readonly string[]) {
    const languages = byLanguage(files);
    this.language = chosen(wanted, [...languages.keys()]);
    for (const language of new Set([COMPLETE, this.language]))
      this.#learn(language, languages.get(language) ?? []);
  }

  /** What is said for this id; an id that is not known says itself. */
  say(id: string, args: Args = {}): string {
    return this.#format(id, args, numbered);
  }

  /** The same in pieces, cut at these places. What stands in one is its parameter, or the attribute of its name. */
  pieces(id: string, args: Args, places: readonly string[]): Piece[] {
    const worded = places.filter((place) => this.#known.has(`${id}.${place}`));
    const words = worded.map((place) => [place, this.say(`${id}.${place}`, args)] as const);
    const all = { ...args, ...Object.fromEntries(words) };
    const whole = this.#format(id, all, (name, value) => {
      if (typeof value === "number")
        return places.includes(name) ? new MarkedNumber(value, name) : numbered(name, value);
      const text = value.replace(MARKS, "");
      return places.includes(name) ? marked(name, text) : text;
    });
    return whole.split(PLACES).map((part, at) => (at % 2 === 0 ? part : placed(part)));
  }

  #format(
    id: string,
    args: Args,
    given: (name: string, value: string | number) => string | FluentNumber,
  ): string {
    const known = this.#known.get(id);
    if (known === undefined) return id;
    if (typeof known.pattern === "string") return known.pattern;
    const values: Record<string, string | FluentNumber> = {};
    for (const [name, value] of Object.entries(args)) values[name] = given(name, value);
    // With a list for what is wrong it never throws.
    return known.bundle.formatPattern(known.pattern, values, []);
  }

  #learn(language: string, texts: readonly string[]): void {
    // Where text from outside turns around is said by the page's markup.
    const bundle = new FluentBundle(language, { useIsolating: false });
    for (const text of texts) {
      const resource = new FluentResource(text);
      bundle.addResource(resource);
      for (const { id, value, attributes } of resource.body) {
        if (value !== null) this.#known.set(id, { bundle, pattern: value });
        for (const [name, pattern] of Object.entries(attributes))
          this.#known.set(`${id}.${name}`, { bundle, pattern });
      }
    }
  }
}

function numbered(_: string, value: string | number): string | FluentNumber {
  return typeof value === "number" ? new FluentNumber(value, PLAIN) : value;
}

function marked(place: string, words: string): string {
  return `${BEGIN}${place}${THEN}${words}${END}`;
}

function placed(part: string): Piece {
  const [place = "", words = ""] = part.split(THEN);
  return { place, words };
}

function byLanguage(files: Readonly<Record<string, string>>): Map<string, string[]> {
  const languages = new Map<string, string[]>();
  for (const [path, text] of Object.entries(files)) {
    const language = path.split("/").at(-2) ?? "";
    languages.set(language, [...(languages.get(language) ?? []), text]);
  }
  return languages;
}

/** The first of these that there is, a narrower one by its wider name too: "de" for "de-AT". */
function chosen(wanted: readonly string[], there: readonly string[]): string {
  for (const tag of wanted) {
    const parts = tag.toLowerCase().split("-");
    for (let length = parts.length; length > 0; length -= 1) {
      const name = parts.slice(0, length).join("-");
      const found = there.find((each) => each.toLowerCase() === name);
      if (found !== undefined) return found;
    }
  }
  return COMPLETE;
}
