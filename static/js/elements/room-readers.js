import { readJson, request } from "js/lib/http.js";
import { RoomPart } from "js/lib/room_part.js";

const FIRST_REQUEST_MS = 6000;
const SECOND_REQUEST_MS = 35_000;
const MOST_SHOWN = 99; /* The server counts one more. */

/* <room-readers data-read data-url data-several> shows under one's own newest message how many have read it. It requests
 * the counts a few seconds after a new message and once more half a minute later, and at no other time. */
class RoomReaders extends RoomPart {
  connected() {
    this.read = JSON.parse(this.dataset.read || "[]");
    this.home = this.parentElement;
    this.listenLive("entries", ({ entries }) => this.received(entries));
    this.listenLive("readers", ({ r }) => this.update(r));
    this.listen(document, "visibilitychange", () => {
      if (this.isDeferred) this.requestSoon();
    });
    this.show();
    this.requestSoon();
  }

  get newestOwn() {
    return this.room.ownMessages.filter((message) => !message.isWithdrawn).at(-1);
  }

  received(entries) {
    if (entries.some(({ k }) => /^(message|withdraw|restore)$/.test(k))) this.show();
    if (entries.some(({ k }) => k === "message")) this.requestSoon();
  }

  requestSoon() {
    this.isDeferred = document.hidden;
    if (this.isDeferred || !this.newestOwn) return;
    this.first ??= this.after(FIRST_REQUEST_MS + 2000 * Math.random(), () => {
      this.first = null;
      this.requestReaders();
    });
    this.cancel(this.second);
    this.second = this.after(SECOND_REQUEST_MS, () => this.requestReaders());
  }

  async requestReaders() {
    if (document.hidden || !this.newestOwn || this.room.send({ t: "readers" })) return;
    const response = await request(this.dataset.url);
    if (response?.ok) this.update((await readJson(response))?.r);
  }

  update(read) {
    this.read = read ?? [];
    this.show();
  }

  show() {
    const message = this.newestOwn;
    const number = Number(message?.dataset.n);
    const count = this.read.reduce((sum, [readTo, people]) => sum + (readTo >= number ? people : 0), 0);
    const text = count ? this.dataset.several.replace("{count}", count > MOST_SHOWN ? `${MOST_SHOWN}+` : count) : "";
    const home = message?.body ?? this.home;
    if (text === this.textContent && this.parentElement === home) return;
    this.room.keepScrollPosition(() => {
      if (this.parentElement !== home) home.append(this);
      this.textContent = text;
    });
  }
}

customElements.define("room-readers", RoomReaders);
