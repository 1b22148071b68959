// What the window says: every message by its id, from the files of `locales`, in the user's language where there is one.
// Knows none of the messages, and nothing of where they are shown.
import { Catalogue, type Piece } from "./catalogue";
import type { Linked, Messages } from "./messages";

/** A message of the window, or an attribute of one. */
export type MessageId = keyof Messages;

/** A message that is a string by itself: none of its places is drawn by a component. */
export type SaidId = Exclude<MessageId, keyof Linked>;

/** A message without parameters. */
export type PlainId = { [Id in SaidId]: Messages[Id] extends null ? Id : never }[SaidId];

/** What a message takes beside its id. */
export type Taken<Id extends MessageId> = Messages[Id] extends null ? [] : [args: Messages[Id]];

const FILES = import.meta.glob<string>("../../../../locales/*/window*.ftl", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** Outside of a page, as in tests, nobody wants any language. */
const wanted = typeof document === "undefined" ? [] : navigator.languages;
const catalogue = new Catalogue(FILES, wanted);

/** The language that the window speaks, as a tag. */
export const LANGUAGE = catalogue.language;

/** What this message says with these parameters. */
export function say<Id extends SaidId>(id: Id, ...[args]: Taken<Id>): string {
  return catalogue.say(id, args ?? undefined);
}

/** What this message says, cut at these places; for `Sentence.svelte`. */
export function pieces<Id extends MessageId>(
  id: Id,
  places: readonly string[],
  ...[args]: Taken<Id>
): Piece[] {
  return catalogue.pieces(id, args ?? {}, places);
}
