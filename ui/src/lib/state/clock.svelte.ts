// The daemon's clock, as read by this page. It ticks only while something on a visible page shows it.
import { createSubscriber } from "svelte/reactivity";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** The daemon's clock counts as another than ours from here on; below, it is the delay on the way. */
const APART = 2 * SECOND;

/** Now, to the second or to the minute: reading one makes the reader run again at its next tick. */
export class Clock {
  #offset = $state(0);
  #everySecond = ticking(SECOND, () => this.#read());
  #everyMinute = ticking(MINUTE, () => this.#read());

  /** Takes the daemon's clock from a view: it may be stepped in tests, and another's after a suspend. */
  set(daemons: number): void {
    const offset = daemons - Date.now();
    this.#offset = Math.abs(offset) < APART ? 0 : offset;
  }

  /** Now, anew every second. */
  get second(): number {
    this.#everySecond();
    return this.#read();
  }

  /** Now, anew every minute. */
  get minute(): number {
    this.#everyMinute();
    return this.#read();
  }

  #read(): number {
    return Date.now() + this.#offset;
  }
}

/** Subscribes its reader to a tick at each full period, while the page is visible. */
function ticking(period: number, now: () => number): () => void {
  return createSubscriber((update) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const arm = () => {
      clearTimeout(timer);
      if (!document.hidden) timer = setTimeout(tick, period - (now() % period));
    };
    const tick = () => {
      update();
      arm();
    };
    document.addEventListener("visibilitychange", tick);
    arm();
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  });
}
