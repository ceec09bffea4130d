/* <live-room data-room data-me data-last data-read data-zone data-read-url ...words> is a room: its log, kept in the
 * order of its numbers. It adds what comes, mends what changed, keeps the place of who reads further up and counts
 * what is new below, and says how far was read. Focus stays where it is. */
class LiveRoom extends HTMLElement {
  connectedCallback() {
    if (this.log) return;
    if (!(this.log = this.querySelector(".room__log"))) return;
    this.scroller = this.querySelector(".room__scroll");
    this.below = this.querySelector(".room__below");
    this.number = Number(this.dataset.last);
    this.said = Number(this.dataset.read);
    this.waiting = 0;
    this.scroller.addEventListener("scroll", () => this.atBottom && this.seen(), { passive: true });
    this.below.addEventListener("click", () => this.toBottom());
    if (!this.stream) return;
    this.on("entries", ({ stream, entries }) => stream === this.stream && entries.forEach((one) => this.take(one)));
    this.on("state", (how) => this.tell(how));
    document.addEventListener("visibilitychange", () => (document.hidden ? this.sayRead() : this.seen()));
    addEventListener("pagehide", () => this.sayRead());
    document.dispatchEvent(new CustomEvent("live:follow", { detail: { stream: this.stream, after: this.number } }));
    if (document.readyState === "complete") this.seen();
    else addEventListener("load", () => requestAnimationFrame(() => this.seen()));
  }

  on(name, hear) {
    document.addEventListener(`live:${name}`, ({ detail }) => this.isConnected && hear(detail));
  }

  get stream() {
    return "live" in this.dataset && `room:${this.dataset.room}`;
  }

  /* The scroller runs from its end: 0 is the newest message. */
  get atBottom() {
    return this.scroller.scrollTop > -24;
  }

  take({ n, m }) {
    this.number = Math.max(this.number, n);
    if (!m) return;
    const there = this.log.querySelector(`[data-n="${m.n}"]`);
    if (there) this.keepPlace(() => there.fill(m));
    else if (m.n > Number(this.log.lastElementChild?.dataset.n ?? 0)) this.add(m);
  }

  /* An id to know it by, so that sent twice is once. */
  newId() {
    const digit = (c) => (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16);
    return "10000000-1000-4000-8000-100000000000".replace(/[018]/g, digit);
  }

  /* Whether it went over the line. */
  say(words) {
    const detail = { room: Number(this.dataset.room), ...words };
    return !document.dispatchEvent(new CustomEvent("live:say", { detail, cancelable: true }));
  }

  add(m) {
    const follows = this.atBottom;
    const node = this.querySelector("template[data-message]").content.firstElementChild.cloneNode(true);
    this.keepPlace(() => {
      this.log.append(node);
      node.fill(m);
      this.querySelector("room-outbox")?.arrived(m.cid);
      this.querySelector("room-presence")?.wrote(m.by.id);
    });
    const mine = m.by.id === Number(this.dataset.me);
    if (mine) this.toBottom();
    else if (!follows || document.visibilityState !== "visible") this.count(this.waiting + 1);
    this.seen();
  }

  /* What stands below what is being read does not move it. */
  keepPlace(change) {
    const { scrollTop, scrollHeight } = this.scroller;
    const follows = this.atBottom;
    change();
    this.scroller.scrollTop = follows ? 0 : scrollTop - (this.scroller.scrollHeight - scrollHeight);
  }

  toBottom() {
    this.scroller.scrollTop = 0;
    this.seen();
  }

  count(waiting) {
    this.waiting = waiting;
    this.below.hidden = !waiting;
    this.below.lastElementChild.textContent = this.dataset.below.replace("{count}", waiting);
  }

  /* How far was read is told after a moment, for all that came in it. */
  seen() {
    if (document.visibilityState !== "visible" || !this.atBottom || !this.offsetParent) return;
    this.count(0);
    if (this.number <= this.said) return;
    this.said = this.number;
    this.reading ??= setTimeout(() => this.sayRead(), 2000 + 2000 * Math.random());
    this.dispatchEvent(new CustomEvent("room:read", { bubbles: true }));
  }

  sayRead() {
    if (!this.reading) return;
    this.reading = clearTimeout(this.reading);
    if (this.say({ t: "read", n: this.said })) return;
    this.querySelector("room-outbox")?.ask(this.dataset.readUrl, { number: this.said }).catch(() => null);
  }

  /* What was asked for could not be done. */
  fail(why) {
    this.querySelector(".room__state").textContent = why || this.dataset.failed;
  }

  tell({ state, failing = true }) {
    const line = this.querySelector(".room__state");
    const { waiting, ended } = this.dataset;
    line.textContent = { waiting, ended, polling: failing ? waiting : "" }[state] ?? "";
  }
}

customElements.define("live-room", LiveRoom);
