// How large the page is drawn, remembered from one opening of the window to the next. Knows nothing of what is drawn.
import type { Host } from "../host/host";

/** As browsers have them. */
const STEPS = [0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3];
const AS_IT_IS = STEPS.indexOf(1);
const KEY = "zoom";

/** The page's size. */
export class Zoom {
  #at = AS_IT_IS;
  #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Draws it as it was drawn last. */
  async restore(): Promise<void> {
    const at = STEPS.indexOf(Number(localStorage.getItem(KEY)));
    if (at >= 0 && at !== AS_IT_IS) await this.#go(at);
  }

  /** Larger, smaller, or as it is by itself. */
  async change(step: 1 | 0 | -1): Promise<void> {
    await this.#go(step === 0 ? AS_IT_IS : Math.min(Math.max(this.#at + step, 0), STEPS.length - 1));
  }

  async #go(at: number): Promise<void> {
    const factor = STEPS[at] ?? 1;
    this.#at = at;
    localStorage.setItem(KEY, `${factor}`);
    await this.#host.zoom(factor);
  }
}
