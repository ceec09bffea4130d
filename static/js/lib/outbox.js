import { newId } from "js/lib/ids.js";
import { deviceStorage } from "js/lib/storage.js";

export const RETRY_DELAYS_MS = [2000, 5000, 15_000, 30_000];
export const ACK_TIMEOUT_MS = 8000;

/* Messages that were sent and are not in the room's log yet. They are sent one at a time, in the order in which they were
 * written, and stored on this device until the log has them, each with a client id that makes sending idempotent.
 *
 * An item is {t: "send" | "edit", n, text, re, files, cid, at}; files were uploaded before and have a key. It has a
 * `state` (queued, sending, sent, unsent) and, when the server refused it, an `error`. The room provides:
 *   sendLive(command)    whether it was sent over the socket; answered by acknowledge(), reject() or defer()
 *   post(item)           the same by HTTP: {number}, {refused: why} or null, when neither is known
 *   seenNumber()         the last number of the log that the page has received
 *   changed(item), removed(item), delivered(byPost)   called to update the page */
export class Outbox {
  #items = new Map();
  #current = null;
  #attempts = 0;
  #waiting = false;
  #timer;

  constructor({ prefix, sendLive, post, seenNumber, changed, removed, delivered, storage = deviceStorage }) {
    Object.assign(this, { prefix, sendLive, post, seenNumber, changed, removed, delivered, storage });
  }

  get items() {
    return [...this.#items.values()];
  }

  /* Load the items that an earlier page stored. Nothing is sent until retryNow(). */
  restore() {
    const stored = this.storage.keys((key) => key.startsWith(this.prefix)).map((key) => this.storage.read(key));
    stored.sort((one, other) => (one?.at ?? 0) - (other?.at ?? 0));
    for (const item of stored) {
      if (!item?.cid) continue;
      this.#items.set(item.cid, item);
      this.changed(item);
    }
  }

  add(message) {
    const item = { ...message, cid: newId(), at: Date.now() };
    this.#items.set(item.cid, item);
    this.storage.write(this.prefix + item.cid, item);
    this.changed(item);
    if (!this.#waiting) this.#sendNext();
    return item;
  }

  /* The item being sent may be lost with the old connection, so it is sent again. */
  retryNow() {
    this.#current = null;
    this.#sendNext();
  }

  retry(item) {
    delete item.error;
    this.retryNow();
  }

  get isSending() {
    return this.#current !== null;
  }

  /* The server accepted it. It is shown until the page has received its entry with the log. */
  acknowledge(cid, number, byPost = false) {
    const item = this.#items.get(cid);
    if (!item) return;
    if (item.t === "edit" || number <= this.seenNumber()) {
      this.arrived(cid);
      return;
    }
    this.#show(item, "sent");
    this.#finish(item, byPost);
  }

  reject(cid, why) {
    const item = this.#items.get(cid);
    if (!item) return;
    item.error = why;
    this.#show(item, "unsent");
    this.#finish(item);
  }

  /* The server is busy or could not be reached. */
  defer(cid) {
    const item = this.#items.get(cid);
    if (!item || item.state === "sent") return;
    this.#current = null;
    for (const each of this.#items.values()) if (each.state !== "sent") this.#show(each, "unsent");
    clearTimeout(this.#timer);
    this.#waiting = true;
    const delay = RETRY_DELAYS_MS[Math.min(this.#attempts, RETRY_DELAYS_MS.length - 1)];
    this.#attempts += 1;
    this.#timer = setTimeout(() => this.#sendNext(), delay);
  }

  /* It is in the log. */
  arrived(cid) {
    const item = this.#items.get(cid);
    if (!item) return;
    this.#remove(item);
    this.#finish(item);
  }

  /* Remove everything from this device and return the unsent texts. */
  clear() {
    this.stop();
    const unsent = this.items.filter(({ state }) => state !== "sent").map(({ text }) => text);
    for (const item of this.items) this.#remove(item);
    return unsent;
  }

  stop() {
    clearTimeout(this.#timer);
    this.#current = null;
  }

  #sendNext() {
    if (this.#current) return;
    clearTimeout(this.#timer);
    this.#waiting = false;
    const item = this.items.find(({ state, error }) => state !== "sent" && error === undefined);
    if (!item) return;
    this.#current = item;
    this.#show(item, "sending");
    const { t, n, text, cid, re } = item;
    const files = item.files?.map(({ key }) => key);
    const alts = item.files && Object.fromEntries(item.files.flatMap(({ key, alt }) => (alt ? [[key, alt]] : [])));
    if (this.sendLive({ t, n, text, cid, re, files, alts })) this.#timer = setTimeout(() => this.#post(item), ACK_TIMEOUT_MS);
    else this.#post(item);
  }

  async #post(item) {
    const answer = await this.post(item);
    if (!this.#items.has(item.cid)) return;
    if (answer && "number" in answer) this.acknowledge(item.cid, answer.number, true);
    else if (answer && "refused" in answer) this.reject(item.cid, answer.refused);
    else if (this.#current === item) this.defer(item.cid);
  }

  #finish(item, byPost = false) {
    this.#attempts = 0;
    this.delivered(byPost);
    if (this.#current !== item) return;
    this.#current = null;
    this.#sendNext();
  }

  #show(item, state) {
    item.state = state;
    this.changed(item);
  }

  #remove(item) {
    this.#items.delete(item.cid);
    this.storage.remove(this.prefix + item.cid);
    this.removed(item);
  }
}
