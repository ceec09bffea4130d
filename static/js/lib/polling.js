import { isSignedOut, readJson, request } from "js/lib/http.js";

export const POLL_INTERVAL_MS = 5000;

/* Polls for new entries while there is no socket. `streams` is a Map of positions; received(frames), failed() and
 * signedOut() are called with the answers. */
export class Polling {
  #timer;

  constructor({ url, streams, received, failed, signedOut, send = request }) {
    Object.assign(this, { url, streams, received, failed, signedOut, send });
    this.active = false;
  }

  /* Poll now, and then every `POLL_INTERVAL_MS`. */
  start() {
    this.active = true;
    this.#poll();
  }

  stop() {
    this.active = false;
    clearTimeout(this.#timer);
  }

  async #poll() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#poll(), POLL_INTERVAL_MS);
    const query = [...this.streams].map(([stream, after]) => `s=${stream},${after}`).join("&");
    const response = await this.send(`${this.url}?${query}`);
    const answer = response?.ok ? await readJson(response) : null;
    if (!this.active) return;
    if (isSignedOut(response)) this.signedOut();
    else if (answer) this.received(answer.frames);
    else this.failed();
  }
}
