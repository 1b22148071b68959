// The real host: Tauri's shell, which carries requests to the daemon. The only file that names Tauri.
import { type InvokeArgs, invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { View } from "../contract";
import { type Host, HostFailure, type RequestOf, type ResponseOf, type Verb } from "./host";

/** A command of the shell. Rejects with a `HostFailure`. */
async function command<T>(name: string, given: InvokeArgs): Promise<T> {
  try {
    return await invoke<T>(name, given);
  } catch (thrown) {
    throw HostFailure.from(thrown);
  }
}

/** The daemon through one command and one event; other commands are about the window and what the desktop opens. */
export const tauriHost: Host = {
  ask: <V extends Verb>(request: RequestOf<V>) => command<ResponseOf<V>>("rpc", { request }),
  openAddress: (address) => command<null>("open_address", { address }).then(() => undefined),
  onView(listener) {
    return listen<View | null>("view", (event) => listener(event.payload));
  },
  closeWindow: () => invoke("close_window"),
  zoom: (factor) => invoke("zoom", { factor }),
  onWish(listener) {
    return listen<string>("wish", (event) => listener(event.payload));
  },
};
