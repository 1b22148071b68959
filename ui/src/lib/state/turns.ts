// Does something that takes a while once at a time: what is asked for meanwhile is done once afterwards, however often it
// was asked for.

/** One run under way, and at most one waiting. */
export class Turns {
  #step: () => Promise<void>;
  #running: Promise<void> | null = null;
  #again = false;

  constructor(step: () => Promise<void>) {
    this.#step = step;
  }

  /** Does it, or has it done once more. Resolves when nothing is left to do. */
  take(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Is over in the same instant in which it last looks whether more was asked for: nothing falls between. */
  async #run(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        await this.#step();
      }
    } finally {
      this.#running = null;
    }
  }
}
