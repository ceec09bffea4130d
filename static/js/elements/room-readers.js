import { readJson, request } from "js/lib/http.js";
import { RoomPart } from "js/lib/room_part.js";

const FIRST_QUESTION_MS = 6000;
const SECOND_QUESTION_MS = 35_000;

/* <room-readers data-read data-url data-several> says under one's own newest message by how many it was read. It asks a
 * few seconds after something new and once more half a minute later, and at no other time. */
class RoomReaders extends RoomPart {
  connected() {
    this.read = JSON.parse(this.dataset.read || "[]");
    this.home = this.parentElement;
    this.listenLive("entries", ({ entries }) => this.received(entries));
    this.listenLive("readers", ({ r }) => this.update(r));
    this.listen(document, "visibilitychange", () => {
      if (this.isLate) this.askSoon();
    });
    this.show();
    this.askSoon();
  }

  get newestOwn() {
    return this.room.ownMessages.filter((message) => !message.isGone).at(-1);
  }

  received(entries) {
    if (entries.some(({ k }) => /^(message|withdraw|restore)$/.test(k))) this.show();
    if (entries.some(({ k }) => k === "message")) this.askSoon();
  }

  askSoon() {
    this.isLate = document.hidden;
    if (this.isLate || !this.newestOwn) return;
    this.first ??= this.after(FIRST_QUESTION_MS + 2000 * Math.random(), () => {
      this.first = null;
      this.ask();
    });
    this.cancel(this.second);
    this.second = this.after(SECOND_QUESTION_MS, () => this.ask());
  }

  async ask() {
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
    const words = count ? this.dataset.several.replace("{count}", count) : "";
    const home = message?.part("body") ?? this.home;
    if (words === this.textContent && this.parentElement === home) return;
    this.room.keepPlace(() => {
      if (this.parentElement !== home) home.append(this);
      this.textContent = words;
    });
  }
}

customElements.define("room-readers", RoomReaders);
