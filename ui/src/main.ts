// Puts the page on the real host; `npm run dev` in a browser puts it on a made-up one.
import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";
import type { Host } from "./lib/host/host";
import { tauriHost } from "./lib/host/tauri";
import { LANGUAGE } from "./lib/words/say";

async function chooseHost(): Promise<Host> {
  if (!import.meta.env.DEV) return tauriHost;
  const { devHost } = await import("./lib/host/dev");
  return devHost(new URLSearchParams(location.search).get("state"));
}

/** WebKit's own menu offers Back and Reload, which mean nothing here; fields keep theirs, to paste with. */
function dropContextMenu(event: Event): void {
  const field = event.target instanceof Element && event.target.closest("input, textarea");
  if (!field) event.preventDefault();
}

document.documentElement.lang = LANGUAGE;
document.addEventListener("contextmenu", dropContextMenu);
const target = document.getElementById("app");
if (target) mount(App, { target, props: { host: await chooseHost() } });
