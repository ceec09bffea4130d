/* The last number received of each followed stream: a Map. The entries of a log are numbered without gaps, so a skipped
 * number means that entries are missing. */
export class StreamPositions extends Map {
  /* A stream that is followed twice has the lower position. */
  follow(stream, after) {
    this.set(stream, Math.min(after, this.get(stream) ?? after));
  }

  /* Returns the new entries of a frame and advances the position. If entries before them are missing, returns none and
   * in `missingAfter` the number to read from. */
  receive(stream, entries) {
    const last = this.get(stream);
    const fresh = last === undefined ? [] : entries.filter(({ n }) => n > last);
    if (!fresh.length) return { fresh };
    if (fresh[0].n !== last + 1) return { fresh: [], missingAfter: last };
    this.set(stream, fresh.at(-1).n);
    return { fresh };
  }
}
