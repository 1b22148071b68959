// What the page knows of the settings: fetched when they are looked at, and after each change as they are in force then.
import type { AppsView, AppView, Setting, SettingsView } from "../contract";
import type { Gate } from "./gate.svelte";

/** The settings as the page sees them. */
export class Settings {
  /** All of them; null until they are first fetched. */
  view = $state.raw<SettingsView | null>(null);
  /** Who sent something lately; null until first fetched. */
  apps = $state.raw<AppsView | null>(null);
  #gate: Gate;

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  /** Fetches both anew. */
  async refresh(): Promise<void> {
    await Promise.all([this.read(), this.#fetchApps()]);
  }

  /** Fetches what holds, without who sent how much. */
  async read(): Promise<void> {
    this.view = (await this.#gate.fetch({ verb: "settings" })) ?? this.view;
  }

  /** One setting, by its key. */
  of(key: string): Setting | undefined {
    return this.view?.settings.find((setting) => setting.key === key);
  }

  /** The settings of one section, in their order. */
  section(name: string): Setting[] {
    return this.view?.settings.filter(({ key }) => key.startsWith(`${name}.`)) ?? [];
  }

  /** The settings that are shown together, in their order. */
  group(id: string): Setting[] {
    return this.view?.settings.filter(({ group }) => group === id) ?? [];
  }

  /** Changes one: true once it is in force. `null` takes it out of the file, so that the default holds. */
  async set(key: string, value: string | null): Promise<boolean> {
    const settings = await this.#gate.change({ verb: "set", key, value });
    if (!settings) return false;
    this.view = settings;
    return true;
  }

  /** Changes what holds for an app: true once it is in force. */
  async setApp(app: AppView, section: "apps" | "hand-over", value: string): Promise<boolean> {
    const isSet = await this.set(`${section}.${app.app_id}`, value);
    if (isSet) await this.#fetchApps();
    return isSet;
  }

  async #fetchApps(): Promise<void> {
    this.apps = (await this.#gate.fetch({ verb: "apps" })) ?? this.apps;
  }
}
