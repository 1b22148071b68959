// The one door to the host. Everything else in the page works on this interface, so all of it runs on a fake host.
import type { Code, Failure, Outcome, Request, Responses, View } from "../contract";
import { saidElsewhere } from "../words/told";

/** What the daemon may be asked. */
export type Verb = keyof Responses;

/** The request of a verb. */
export type RequestOf<V extends Verb> = { verb: V } & { [R in Request as R["verb"]]: R }[V];

/** What the daemon answers to a verb. */
export type ResponseOf<V extends Verb> = Responses[V];

/** A request for something to be done: its response says what came of it. */
export type CommandRequest = {
  [V in Verb]: ResponseOf<V> extends Outcome ? RequestOf<V> : never;
}[Verb];

/** What the page may ask of the program that shows it. */
export interface Host {
  /** Sends a request to the daemon. Rejects with a `HostFailure`, never with anything else. */
  ask<V extends Verb>(request: RequestOf<V>): Promise<ResponseOf<V>>;
  /** Calls `listener` with each new view, and with null when the daemon has gone. Resolves to what ends it. */
  onView(listener: (view: View | null) => void): Promise<() => void>;
  /** Calls `listener` with the name of what the window is called for while it is open. Resolves to what ends it. */
  onWish(listener: (wish: string) => void): Promise<() => void>;
  /** Opens an address in the person's browser, or in what they write mail with. Rejects with a `HostFailure`. */
  openAddress(address: string): Promise<void>;
  /** Closes the window. */
  closeWindow(): Promise<void>;
  /** Draws the page so many times as large as it is by itself. */
  zoom(factor: number): Promise<void>;
}

/** A `Failure` that can be thrown. */
export class HostFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message.id);
    this.name = "HostFailure";
    this.failure = failure;
  }

  /** Whatever was thrown, as a failure to be shown. */
  static from(thrown: unknown): HostFailure {
    if (thrown instanceof HostFailure) return thrown;
    if (isFailure(thrown)) return new HostFailure(thrown);
    const message = saidElsewhere(thrown instanceof Error ? thrown.message : String(thrown));
    return new HostFailure({ code: "internal", message });
  }
}

function isFailure(thrown: unknown): thrown is Failure {
  if (typeof thrown !== "object" || thrown === null) return false;
  const { code, message } = thrown as { code?: Code; message?: { id?: unknown } | null };
  return typeof code === "string" && typeof message?.id === "string";
}
