// Keeps what repeats by itself from taking all of the time: after each run it rests, longer after a long one. Knows nothing
// of what is run.

/** A run takes at most one part in this many of the time. */
const SHARE = 5;
/** The longest rest, in milliseconds. */
const LONGEST = 2000;

/** The rests between the runs of one thing. */
export class Pace {
  /** When the rest after the last run is over. */
  #until = 0;

  /** Runs it, and notes how long it took. */
  async run(step: () => Promise<void>): Promise<void> {
    const began = performance.now();
    try {
      await step();
    } finally {
      const ended = performance.now();
      this.#until = ended + Math.min((SHARE - 1) * (ended - began), LONGEST);
    }
  }

  /** Resolves when the rest after the last run is over. */
  async rest(): Promise<void> {
    const left = this.#until - performance.now();
    if (left > 0) await new Promise((over) => setTimeout(over, left));
  }
}
