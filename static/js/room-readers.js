/* <room-readers data-read data-url data-several> says under one's own newest message how many have read so
 * far. It asks a few seconds after something new and once more half a minute later, and at no other time. */
class RoomReaders extends HTMLElement {
  connectedCallback() {
    if (this.room) return;
    this.room = this.closest("live-room");
    this.read = JSON.parse(this.dataset.read || "[]");
    this.home = this.parentElement;
    document.addEventListener("live:entries", ({ detail }) => detail.stream === this.room.stream && this.heard(detail.entries));
    document.addEventListener("live:readers", ({ detail: { s, r } }) => s === this.room.stream && this.take(r));
    document.addEventListener("visibilitychange", () => this.late && this.soon());
    this.show();
    this.soon();
  }

  get mine() {
    return [...this.room.querySelectorAll(".message--mine:not(.message--gone)")].at(-1);
  }

  heard(entries) {
    if (entries.some(({ k }) => /^(message|withdraw|restore)$/.test(k))) this.show();
    if (entries.some(({ k }) => k === "message")) this.soon();
  }

  soon() {
    this.late = document.hidden;
    if (this.late || !this.mine) return;
    this.asking ??= setTimeout(() => this.ask((this.asking = null)), 6000 + 2000 * Math.random());
    clearTimeout(this.again);
    this.again = setTimeout(() => this.ask(), 35_000);
  }

  async ask() {
    if (!this.room.isConnected || document.hidden || !this.mine) return;
    if (this.room.say({ t: "readers" })) return;
    const answer = await fetch(this.dataset.url, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok) this.take((await answer.json()).r);
  }

  take(read) {
    this.read = read ?? [];
    this.show();
  }

  show() {
    const { mine } = this;
    const count = mine ? this.read.reduce((sum, [number, people]) => sum + (number >= Number(mine.dataset.n) ? people : 0), 0) : 0;
    const words = count ? this.dataset.several.replace("{count}", count) : "";
    const home = mine?.querySelector(".message__body") ?? this.home;
    if (words === this.textContent && this.parentElement === home) return;
    this.room.keepPlace(() => {
      if (this.parentElement !== home) home.append(this);
      this.textContent = words;
    });
  }
}

customElements.define("room-readers", RoomReaders);
