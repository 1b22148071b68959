// The real host: Tauri's shell, which carries requests to the daemon. The only file that names Tauri.
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Reply, Request, View } from "../contract";
import { type Host, HostFailure } from "./host";

/** The daemon through the shell's one command and one event. */
export const tauriHost: Host = {
  async ask(request: Request): Promise<Reply> {
    try {
      return await invoke<Reply>("rpc", { request });
    } catch (thrown) {
      throw HostFailure.from(thrown);
    }
  },
  onView(listener) {
    return listen<View | null>("view", (event) => listener(event.payload));
  },
  closeWindow: () => invoke("close_window"),
  zoom: (factor) => invoke("zoom", { factor }),
  onWish(listener) {
    return listen<string>("wish", (event) => listener(event.payload));
  },
};
