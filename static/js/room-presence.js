/* <room-presence data-room data-me data-here data-typing data-several> says who looks at the room now and who is
 * writing. The page says so when it is seen and every twenty seconds while it is; others are forgotten after
 * forty-five, or when the server says that they are gone. Nothing of it is kept anywhere. */
class RoomPresence extends HTMLElement {
  connectedCallback() {
    this.people = new Map();
    this.room = this.closest("live-room");
    document.addEventListener("live:here", ({ detail }) => this.hear(detail));
    document.addEventListener("live:gone", ({ detail: { s, who } }) => s === this.room.stream && this.people.delete(who) && this.show());
    document.addEventListener("live:state", ({ detail }) => detail.state === "open" && this.say());
    document.addEventListener("visibilitychange", () => this.say());
    this.room.addEventListener("room:typing", () => this.typing());
    this.timer = setInterval(() => (this.say(), this.show()), 20_000);
    setTimeout(() => this.say(), 300);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  say(typing = false) {
    if (this.isConnected && document.visibilityState === "visible") this.room.say({ t: "here", typing });
  }

  typing() {
    if (Date.now() - (this.typed ?? 0) < 3000) return;
    this.typed = Date.now();
    this.say(true);
  }

  hear({ s, who, typing }) {
    if (!this.isConnected || s !== this.room.stream) return;
    const at = Date.now();
    for (const { id, name } of [who].flat()) {
      if (id === Number(this.dataset.me)) continue;
      this.people.set(id, { name, at, typing: typing ? at : (this.people.get(id)?.typing ?? 0) });
    }
    if (typing) setTimeout(() => this.show(), 6100);
    this.show();
  }

  /* Who wrote has stopped writing. */
  wrote(id) {
    const one = this.people.get(id);
    if (one) one.typing = 0;
    this.show();
  }

  show() {
    const now = Date.now();
    for (const [id, { at }] of this.people) if (now - at > 45_000) this.people.delete(id);
    const people = [...this.people.values()];
    const names = people.map(({ name }) => name);
    const list = new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" });
    this.textContent = names.length ? this.dataset.here.replace("{names}", list.format(names)) : "";
    const writing = people.filter(({ typing }) => now - typing < 6000);
    const words = writing.length > 1 ? this.dataset.several : this.dataset.typing.replace("{name}", writing[0]?.name);
    this.room.querySelector(".room__typing").textContent = writing.length ? words : "";
  }
}

customElements.define("room-presence", RoomPresence);
