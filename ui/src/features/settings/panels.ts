// What the settings have that takes more than a line, each drawn by a component of its own. Knows no setting.
import type { Component } from "svelte";
import type { SettingsPanel } from "../../lib/contract";
import About from "./About.svelte";
import Apps from "./Apps.svelte";
import CheckIns from "./CheckIns.svelte";
import SafeList from "./SafeList.svelte";

/** What draws each. */
export const PANELS: Record<SettingsPanel, Component<Record<string, never>>> = {
  "check-ins": CheckIns,
  apps: Apps,
  "safe-list": SafeList,
  about: About,
};
