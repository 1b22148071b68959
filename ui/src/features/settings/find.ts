// What a search of the settings finds. Pure: nothing is drawn here.
import type { AppsView, AppView, Message, Setting, SettingsGroup } from "../../lib/contract";

/** What a message of the daemon says. */
type Words = (message: Message) => string;

/** Whether a group has what is wanted in what it is called, or in one of its settings. */
export function finds(group: SettingsGroup, settings: Setting[], wanted: string, words: Words): boolean {
  const said = [group.title, group.words, ...settings.flatMap(messagesOf)].map(words);
  const typed = [group.id, ...settings.map(({ key, value }) => `${key} ${value}`)];
  return [...typed, ...said].some((text) => has(text, wanted));
}

/** The apps that have these words in their name or id. */
export function appsWith(apps: AppsView | null, wanted: string): AppView[] {
  return apps?.apps.filter(({ app, app_id }) => has(`${app} ${app_id}`, wanted)) ?? [];
}

function messagesOf({ meaning, line }: Setting): Message[] {
  return line ? [meaning, line.title, line.hint] : [meaning];
}

function has(text: string, wanted: string): boolean {
  return text.toLowerCase().includes(wanted.trim().toLowerCase());
}
