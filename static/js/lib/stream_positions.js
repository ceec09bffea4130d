/* How far the log of each followed stream was received: a Map of numbers. The entries of a log are numbered without
 * gaps, so a number that is skipped means that entries are missing. */
export class StreamPositions extends Map {
  /* Followed twice, the lower position counts. */
  follow(stream, after) {
    this.set(stream, Math.min(after, this.get(stream) ?? after));
  }

  /* The entries of a frame that are new, moving the position past them. If some are missing before them, there are
   * none and `missingAfter` says from where to ask. */
  receive(stream, entries) {
    const last = this.get(stream);
    const fresh = last === undefined ? [] : entries.filter(({ n }) => n > last);
    if (!fresh.length) return { fresh };
    if (fresh[0].n !== last + 1) return { fresh: [], missingAfter: last };
    this.set(stream, fresh.at(-1).n);
    return { fresh };
  }
}
