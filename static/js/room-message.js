/* <room-message data-n data-by data-at data-cid> is one message of a <live-room>. `fill(m)` makes it say what the
 * message says now, with everything in it that the server drew, and tells of it (`room:filled`) those who draw its
 * quote and its marks; `arrange()` sets it under the one before. Taking back and putting back are left to
 * <room-deeds> where the room is live; elsewhere the form is sent. */
const TOGETHER = 5 * 60_000;

class RoomMessage extends HTMLElement {
  connectedCallback() {
    if (this.heard) return;
    this.heard = true;
    this.addEventListener("submit", (event) => this.deed(event));
    this.addEventListener("click", (event) => this.change(event));
  }

  get room() {
    return this.closest("live-room");
  }

  get mine() {
    return this.dataset.by === this.room.dataset.me;
  }

  fill(m) {
    const held = this.querySelector(".message__deeds").contains(document.activeElement);
    const { dataset, classList } = this;
    Object.assign(dataset, { n: m.n, by: m.by.id, at: m.at, cid: m.cid });
    this.id = `message-${m.n}`;
    this.part("message__author").id = `by-${m.n}`;
    this.part("message__text").id = `said-${m.n}`;
    this.setAttribute("aria-labelledby", `by-${m.n} said-${m.n}`);
    classList.toggle("message--gone", Boolean(m.gone));
    classList.toggle("message--mine", this.mine);
    this.part("avatar").textContent = m.by.initials;
    this.part("avatar").classList.toggle("avatar--trainer", m.by.role === "trainer");
    this.part("message__author").textContent = m.by.name;
    for (const badge of this.querySelectorAll("[data-role]")) badge.hidden = badge.dataset.role !== m.by.role;
    this.part("message__edited").hidden = !m.edited;
    this.sayWhen(new Date(m.at));
    const text = this.part("message__text");
    text.replaceChildren(...new DOMParser().parseFromString(m.html ?? "", "text/html").body.childNodes);
    text.lang = m.lang ?? "";
    text.hidden = Boolean(m.gone);
    this.part("message__gone").textContent = m.gone ? this.gone(m) : "";
    this.part("message__gone").hidden = !m.gone;
    this.sayKept(m.kept);
    if (this.mine && !m.gone) dataset.text = m.text;
    else delete dataset.text;
    const keeper = this.room.dataset.keeper === "true";
    const open = Boolean(this.room.querySelector("room-composer"));
    for (const word of ["reply", "react"]) this.offer(word, open && !m.gone);
    this.offer("edit", this.mine && !m.gone);
    this.offer("withdraw", !m.gone && (this.mine || keeper));
    this.querySelector("[data-word=withdraw] button").textContent = this.room.dataset[this.mine ? "takeBack" : "takeDown"];
    this.offer("restore", m.gone && ((m.own && this.mine) || dataset.took === "true"));
    this.dispatchEvent(new CustomEvent("room:filled", { bubbles: true, detail: m }));
    this.arrange();
    if (held) this.querySelector(".message__deeds > :not([hidden]) :is(button, a)")?.focus();
  }

  part(name) {
    return this.querySelector(`.${name}`);
  }

  offer(word, may) {
    const deed = this.querySelector(`[data-word="${word}"]`);
    deed.hidden = !may;
    for (const [one, name] of [[deed, "action"], [deed.querySelector("a"), "href"]]) {
      const address = one?.getAttribute(name);
      if (address) one.setAttribute(name, address.replace("/room/0/", `/room/${this.dataset.n}/`).replace(/((?:edit|re|at|mark)=|#message-)0\b/g, `$1${this.dataset.n}`));
    }
  }

  gone(m) {
    const { goneMine, goneTheirs, goneDown } = this.room.dataset;
    return (m.own ? (this.mine ? goneMine : goneTheirs) : goneDown).replace("{name}", m.by.name);
  }

  sayKept(kept) {
    const line = this.part("message__kept");
    line.hidden = !kept;
    if (kept) Object.assign(line.querySelector("a"), { href: kept.path, textContent: kept.title });
  }

  sayWhen(at) {
    const { lang } = document.documentElement;
    const language = lang === "en" ? "en-GB" : lang;
    const words = (format) => new Intl.DateTimeFormat(language, { timeZone: this.room.dataset.zone, ...format }).format(at);
    const time = this.querySelector("time");
    time.dateTime = at.toISOString();
    time.textContent = words({ timeStyle: "short" });
    time.title = words({ dateStyle: "full", timeStyle: "short" });
    this.querySelector(".message__time").hash = this.id;
    this.part("message__day").textContent = this.date(at) === this.date(new Date()) ? this.room.dataset.today : words({ day: "numeric", month: "long" });
  }

  date(at) {
    return new Intl.DateTimeFormat("en-CA", { timeZone: this.room.dataset.zone }).format(at);
  }

  arrange() {
    const before = this.previousElementSibling;
    const [at, then] = [this, before].map((one) => one && new Date(one.dataset.at));
    const newDay = !before || this.date(at) !== this.date(then);
    this.part("message__day").hidden = !newDay;
    const gone = [this, before].some((one) => one?.classList.contains("message--gone"));
    this.classList.toggle("message--follows", !newDay && !gone && before.dataset.by === this.dataset.by && at - then < TOGETHER);
  }

  deed(event) {
    const { word } = event.target.dataset;
    const deeds = this.room.querySelector("room-deeds");
    if (!deeds || !/^(withdraw|restore)$/.test(word)) return;
    event.preventDefault();
    if (word === "withdraw") this.dataset.took = "true";
    deeds.ask({ t: word, n: Number(this.dataset.n) }, event.target.action);
  }

  change(event) {
    if (!event.target.closest("[data-word=edit]") || !this.room.querySelector("room-composer")) return;
    event.preventDefault();
    this.dispatchEvent(new CustomEvent("room:edit", { bubbles: true, detail: { n: this.dataset.n, text: this.dataset.text } }));
  }
}

customElements.define("room-message", RoomMessage);
