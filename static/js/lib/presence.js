export const PRESENCE_TTL_MS = 45_000;
export const TYPING_TTL_MS = 6000;

/* Who is in the room now and who is typing. Both are reported repeatedly and expire. */
export class PresenceList {
  #people = new Map();

  seen({ id, name }, typing, now) {
    this.#people.set(id, { name, seenAt: now, typingAt: typing ? now : (this.#people.get(id)?.typingAt ?? -Infinity) });
  }

  leave(id) {
    return this.#people.delete(id);
  }

  stopTyping(id) {
    const person = this.#people.get(id);
    if (person) person.typingAt = -Infinity;
  }

  /* The ids of who is there. */
  ids(now) {
    for (const [id, { seenAt }] of this.#people) if (now - seenAt > PRESENCE_TTL_MS) this.#people.delete(id);
    return [...this.#people.keys()];
  }

  present(now) {
    return this.ids(now).map((id) => this.#people.get(id).name);
  }

  typing(now) {
    return [...this.#people.values()].filter(({ typingAt }) => now - typingAt < TYPING_TTL_MS).map(({ name }) => name);
  }
}
