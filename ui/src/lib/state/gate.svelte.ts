// What the page knows of the daemon: the newest view, whether it is there at all, and what it last said.
import type { Code, Failure, Message, Outcome, View } from "../contract";
import {
  type CommandRequest,
  type Host,
  HostFailure,
  type RequestOf,
  type ResponseOf,
  type Verb,
} from "../host/host";
import { capital } from "../format/text";
import { userLanguage } from "../format/locale";
import { timeStyle } from "../format/time";
import { say } from "../words/say";
import { told } from "../words/told";
import { Clock } from "./clock.svelte";

/** What failed, in words; `named` where they say what was not done, which stays true when the trouble is over. */
export interface Refused {
  code: Code;
  message: string;
  named: boolean;
}

/** How many failures are kept at most. */
const MOST = 20;

/** Whether the daemon is there: not known yet, answering, or gone. */
export type Presence = "asking" | "here" | "away";

/** The daemon as the page sees it. */
export class Gate {
  readonly clock = new Clock();
  /** The newest view; null until the first, and while the daemon is away. */
  view = $state.raw<View | null>(null);
  /** By itself: making a style takes a while, and views come often. */
  #zone = $derived(this.view?.zone ?? "");
  /** How instants are written; follows the daemon's zone. */
  readonly style = $derived(timeStyle(this.#zone, userLanguage()));
  presence = $state<Presence>("asking");
  /** What failed, the newest last, until it is put away, over, or something else is asked for by itself. */
  failures = $state.raw<readonly Refused[]>([]);
  /** What the daemon said of the last request that was met, in words. */
  message = $state("");
  /** How many requests are under way. */
  #waiting = $state(0);
  /** The last request that was asked for. */
  #last: Promise<unknown> = Promise.resolve();
  #host: Host;
  #followers: (() => void)[] = [];
  #stop: (() => void) | null = null;

  constructor(host: Host) {
    this.#host = host;
  }

  /** The newest failure. */
  get failure(): Refused | null {
    return this.failures.at(-1) ?? null;
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
      this.#say(HostFailure.from(thrown).failure, "");
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
    this.failures = [];
    const view = await this.fetch({ verb: "view" });
    if (view) this.#accept(view);
    else if (this.view === null) this.presence = "away";
  }

  /** Calls `follower` after each newer view and when the daemon goes. */
  follow(follower: () => void): void {
    this.#followers.push(follower);
  }

  /** Asks for something to be done. Null when it was not: then `failure` says why, as it does of what was left out. */
  async ask(command: CommandRequest): Promise<Outcome | null> {
    this.dismiss();
    const outcome = await this.inTurn(() => Promise.resolve(command));
    this.tell(outcome);
    return outcome;
  }

  /** As `ask`, of what is answered with how things stand then. */
  change<V extends Verb>(request: RequestOf<V>): Promise<ResponseOf<V> | null> {
    this.dismiss();
    return this.#queue(() => this.#carryOut(request, ""));
  }

  /**
   * Asks for one of many things that are asked for faster than they are answered: each in its turn, and what failed of the
   * others stays said. `work` gives the command once it is its turn, if there is still one; `what` says what was not done
   * where it fails.
   */
  inTurn(work: () => Promise<CommandRequest | null>, what = ""): Promise<Outcome | null> {
    return this.#queue(async () => {
      const command = await work();
      const outcome = command && (await this.#carryOut(command, what));
      for (const failure of outcome?.left_out.slice(0, 1) ?? []) this.#say(failure, what);
      return outcome;
    });
  }

  /** Opens an address outside of the window. `where` says in words where it leads. */
  async openAddress(address: string, where: string): Promise<void> {
    this.dismiss();
    try {
      await this.during(() => this.#host.openAddress(address));
      this.message = say("window-opening", { where });
    } catch (thrown) {
      this.#say(HostFailure.from(thrown).failure, say("window-refused-address", { where }));
    }
  }

  /** Says what the daemon said of something that was done. */
  tell(outcome: Outcome | null): void {
    if (outcome) this.message = this.words(outcome.message);
  }

  /** What a message of the daemon says. */
  words(message: Message): string {
    return told(message, { style: this.style, now: this.clock.minute });
  }

  /** Does this once all that was asked for before is over. */
  #queue<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn;
    return this.during(() => turn);
  }

  async #carryOut<V extends Verb>(request: RequestOf<V>, what: string): Promise<ResponseOf<V> | null> {
    try {
      return await this.#host.ask(request);
    } catch (thrown) {
      this.#refused(HostFailure.from(thrown).failure, what);
      return null;
    }
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

  /** Asks at once for something to be shown. An `expected` failure is none. */
  async fetch<V extends Verb>(request: RequestOf<V>, expected?: Code): Promise<ResponseOf<V> | null> {
    try {
      return await this.#host.ask(request);
    } catch (thrown) {
      const { failure } = HostFailure.from(thrown);
      if (failure.code !== expected) this.#refused(failure);
      return null;
    }
  }

  /** Says that something could not be done, of which the daemon knows nothing. */
  say(message: string): void {
    this.#add("not-found", message, "");
  }

  /** Puts the last message away. */
  hush(): void {
    this.message = "";
  }

  /** Puts the newest failure away. */
  putAway(): void {
    this.failures = this.failures.slice(0, -1);
  }

  /** Puts all failures and the last message away. */
  dismiss(): void {
    this.failures = [];
    this.message = "";
  }

  #say({ code, message }: Failure, what: string): void {
    this.#add(code, this.words(message), what);
  }

  #add(code: Code, message: string, what: string): void {
    const named = what !== "";
    const whole = named ? say("window-refused-why", { what, why: capital(message) }) : message;
    this.failures = [...this.failures.slice(1 - MOST), { code, message: whole, named }];
  }

  #refused(failure: Failure, what = ""): void {
    this.#say(failure, what);
    if (failure.code === "away") this.#lose();
  }

  #accept(view: View | null): void {
    if (view === null) {
      this.#lose();
    } else if (this.view === null || view.revision > this.view.revision) {
      this.clock.set(view.now);
      this.#forgetWhatIsOver(view);
      this.view = view;
      this.presence = "here";
      this.#tell();
    }
  }

  /** A trouble that is over is over in what failed by it too. */
  #forgetWhatIsOver(now: View): void {
    const had = ({ troubles }: View, code: string) => troubles.some((trouble) => trouble.code === code);
    const before = this.view;
    if (before && had(before, "store") && !had(now, "store"))
      this.failures = this.failures.filter(({ code, named }) => named || code !== "store");
    if (before && !before.renderer.up && now.renderer.up)
      this.failures = this.failures.filter(({ code, named }) => named || code !== "no-renderer");
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
