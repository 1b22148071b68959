// What the page knows of the daemon: the newest view, whether it is there at all, and what it last said.
import type { Code, Failure, Reply, Request, View } from "../contract";
import { type Host, HostFailure } from "../host/host";
import { Clock } from "./clock.svelte";

/** Whether the daemon is there: not known yet, answering, or gone. */
export type Presence = "asking" | "here" | "away";

/** The daemon as the page sees it. */
export class Gate {
  readonly clock = new Clock();
  /** The newest view; null until the first, and while the daemon is away. */
  view = $state.raw<View | null>(null);
  presence = $state<Presence>("asking");
  /** The last request that failed, until the next one or until it is put away. */
  failure = $state.raw<Failure | null>(null);
  /** What the daemon said of the last request that was met. */
  message = $state("");
  /** How many requests are under way. */
  #waiting = $state(0);
  #host: Host;
  #followers: (() => void)[] = [];
  #stop: (() => void) | null = null;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Whether a request that changes something is under way. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  /** Listens for views and asks for the first one. */
  async open(): Promise<void> {
    try {
      this.#stop = await this.#host.onView((view) => this.#accept(view));
      await this.start();
    } catch (thrown) {
      this.failure = HostFailure.from(thrown).failure;
      this.presence = "away";
    }
  }

  /** Stops listening. */
  close(): void {
    this.#stop?.();
    this.#stop = null;
  }

  /** Asks for the view, which starts a daemon that is away. */
  async start(): Promise<void> {
    this.failure = null;
    const reply = await this.fetch({ verb: "view" });
    if (reply?.kind === "view") this.#accept(reply.view);
    else if (this.view === null) this.presence = "away";
  }

  /** Calls `follower` after each newer view and when the daemon goes. */
  follow(follower: () => void): void {
    this.#followers.push(follower);
  }

  /** Asks for something to be done. Null when it was not: then `failure` says why, as it does of what was left out. */
  async ask(request: Request): Promise<Reply | null> {
    this.failure = null;
    this.message = "";
    return this.during(async () => {
      const reply = await this.fetch(request);
      if (reply?.kind === "ok") {
        this.message = reply.message;
        this.failure = reply.left_out[0] ?? null;
      }
      return reply;
    });
  }

  /** Is busy until this is over: a request with all that follows from it, such as a list that is fetched anew. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    try {
      return await work();
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Asks for something to be shown: as `ask`, but an earlier message stays, and an `expected` failure is none. */
  async fetch(request: Request, expected?: Code): Promise<Reply | null> {
    try {
      return await this.#host.ask(request);
    } catch (thrown) {
      const { failure } = HostFailure.from(thrown);
      if (failure.code !== expected) this.#refused(failure);
      return null;
    }
  }

  /** Puts the last message away. */
  hush(): void {
    this.message = "";
  }

  /** Puts the last failure and message away. */
  dismiss(): void {
    this.failure = null;
    this.message = "";
  }

  #refused(failure: Failure): void {
    this.failure = failure;
    if (failure.code === "away") this.#lose();
  }

  #accept(view: View | null): void {
    if (view === null) {
      this.#lose();
    } else if (this.view === null || view.revision > this.view.revision) {
      this.clock.set(view.now);
      this.view = view;
      this.presence = "here";
      this.#tell();
    }
  }

  /** A daemon that comes back counts its revisions anew, so nothing of the old one is kept. */
  #lose(): void {
    this.view = null;
    this.presence = "away";
    this.#tell();
  }

  #tell(): void {
    for (const follower of this.#followers) follower();
  }
}
