// Which rows something is under way with. Knows nothing of what.

/** The rows of the work that is not over yet. */
export class UnderWay {
  #seqs = new Set<number>();

  /** Whether it is one of them. */
  has(seq: number): boolean {
    return this.#seqs.has(seq);
  }

  /** These are among them until the work is over. */
  async during<T>(seqs: readonly number[], work: () => Promise<T>): Promise<T> {
    for (const seq of seqs) this.#seqs.add(seq);
    try {
      return await work();
    } finally {
      for (const seq of seqs) this.#seqs.delete(seq);
    }
  }
}
