// What a search of the settings finds. Pure: nothing is drawn here.
import type { AppsView, AppView, Setting, SettingsGroup } from "../../lib/contract";

/** Whether a group has these words in what it is called, or in one of its settings. */
export function finds(group: SettingsGroup, settings: Setting[], wanted: string): boolean {
  const texts = [group.id, group.title, group.words, ...settings.flatMap(textsOf)];
  return texts.some((text) => has(text, wanted));
}

/** The apps that have these words in their name or id. */
export function appsWith(apps: AppsView | null, wanted: string): AppView[] {
  return apps?.apps.filter(({ app, app_id }) => has(`${app} ${app_id}`, wanted)) ?? [];
}

function textsOf({ key, value, meaning, line }: Setting): string[] {
  return [`${key} ${value} ${meaning}`, line ? `${line.title} ${line.hint}` : ""];
}

function has(text: string, wanted: string): boolean {
  return text.toLowerCase().includes(wanted.trim().toLowerCase());
}
