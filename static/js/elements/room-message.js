import { dateInZone, formatMoment, parseHtml, plainText, groupMessage } from "js/lib/message_text.js";
import { RoomPart } from "js/lib/room_part.js";

/* <room-message data-n data-by data-at data-cid> is one message of a <live-room>. render(m) updates the elements that the
 * server rendered, and emits `room:rendered` for the elements that render its quote and marks; arrange() groups it with
 * the message before it. Withdrawing and restoring use <room-actions> where the room is live; elsewhere the forms are
 * submitted. */
class RoomMessage extends RoomPart {
  connected() {
    this.listen(this, "submit", (event) => this.submit(event));
    this.listen(this, "click", (event) => this.edit(event));
  }

  get isMine() {
    return this.dataset.by === this.room.dataset.me;
  }

  get isWithdrawn() {
    return this.classList.contains("message--gone");
  }

  get groupingKeys() {
    return { at: new Date(this.dataset.at), by: this.dataset.by, gone: this.isWithdrawn };
  }

  get authorName() {
    return this.part("author").textContent;
  }

  get text() {
    return this.isWithdrawn ? this.part("gone").textContent : plainText(this.part("text"));
  }

  render(m) {
    const hadFocus = this.part("actions").contains(document.activeElement);
    Object.assign(this.dataset, { n: m.n, by: m.by.id, at: m.at, cid: m.cid });
    this.id = `message-${m.n}`;
    this.part("author").id = `by-${m.n}`;
    this.part("text").id = `text-${m.n}`;
    this.setAttribute("aria-labelledby", `by-${m.n} text-${m.n}`);
    this.classList.toggle("message--gone", Boolean(m.gone));
    this.classList.toggle("message--mine", this.isMine);
    this.renderAuthor(m.by);
    this.renderTime(new Date(m.at));
    this.renderText(m);
    this.renderActions(m);
    this.emit("rendered", m);
    this.arrange();
    if (hadFocus) this.querySelector(".message__actions > :not([hidden]) :is(button, a)")?.focus();
  }

  part(name) {
    return this.querySelector(`.message__${name}`);
  }

  /* The template has a hidden badge for each role that has one; the avatar has the badge's modifier. */
  renderAuthor({ name, initials, role }) {
    this.part("author").textContent = name;
    let modifier = "";
    for (const badge of this.querySelectorAll("[data-role]")) {
      badge.hidden = badge.dataset.role !== role;
      if (!badge.hidden) modifier = badge.className.match(/badge(--\w+)/)?.[1] ?? "";
    }
    const avatar = this.querySelector(".avatar");
    avatar.textContent = initials;
    avatar.className = `avatar avatar--small${modifier && ` avatar${modifier}`}`;
  }

  renderTime(at) {
    const { lang } = document.documentElement;
    const timeZone = this.room.dataset.zone;
    const format = (options) => formatMoment(at, lang, { timeZone, ...options });
    const time = this.querySelector("time");
    time.dateTime = at.toISOString();
    time.textContent = format({ timeStyle: "short" });
    time.title = format({ dateStyle: "full", timeStyle: "short" });
    this.part("time").hash = this.id;
    const isToday = dateInZone(at, timeZone) === dateInZone(new Date(), timeZone);
    this.part("day").textContent = isToday ? this.room.dataset.today : format({ day: "numeric", month: "long" });
  }

  renderText(m) {
    const text = this.part("text");
    text.replaceChildren(...parseHtml(m.html).childNodes);
    text.lang = m.lang ?? "";
    text.hidden = Boolean(m.gone);
    this.part("gone").textContent = m.gone ? this.withdrawnText(m) : "";
    this.part("gone").hidden = !m.gone;
    this.part("edited").hidden = !m.edited;
    this.part("kept").hidden = !m.kept;
    if (m.kept) this.part("kept").querySelector("a").href = m.kept;
    if (this.isMine && !m.gone) this.dataset.text = m.text;
    else delete this.dataset.text;
  }

  withdrawnText({ own, by }) {
    const { goneMine, goneTheirs, goneDown } = this.room.dataset;
    const withdrawn = this.isMine ? goneMine : goneTheirs;
    return (own ? withdrawn : goneDown).replace("{name}", by.name);
  }

  renderActions(m) {
    const { keeper, takeBack, takeDown } = this.room.dataset;
    const canWrite = Boolean(this.room.composer);
    this.offer("reply", canWrite && !m.gone);
    this.offer("react", canWrite && !m.gone);
    this.offer("edit", this.isMine && !m.gone);
    this.offer("withdraw", !m.gone && (this.isMine || keeper === "true"));
    this.offer("restore", Boolean(m.gone) && ((m.own && this.isMine) || this.dataset.withdrawnHere === "true"));
    this.querySelector("[data-action=withdraw] button").textContent = this.isMine ? takeBack : takeDown;
  }

  /* URLs in the template have 0 as the number of the message. */
  offer(name, allowed) {
    const action = this.querySelector(`[data-action="${name}"]`);
    action.hidden = !allowed;
    for (const [node, attribute] of [[action, "action"], [action.querySelector("a"), "href"]]) {
      const url = node?.getAttribute(attribute);
      if (!url) continue;
      const { n } = this.dataset;
      const numbered = url.replace("/room/0/", `/room/${n}/`);
      node.setAttribute(attribute, numbered.replace(/((?:edit|re|at|mark)=|#message-)0\b/g, `$1${n}`));
    }
  }

  arrange() {
    const before = this.previousElementSibling?.groupingKeys;
    const { startsDay, follows } = groupMessage(this.groupingKeys, before, this.room.dataset.zone);
    this.part("day").hidden = !startsDay;
    this.classList.toggle("message--follows", follows);
  }

  submit(event) {
    const { action } = event.target.dataset;
    if (!this.room.actions || !/^(withdraw|restore)$/.test(action)) return;
    event.preventDefault();
    if (action === "withdraw") this.dataset.withdrawnHere = "true";
    this.room.actions.perform({ t: action, n: Number(this.dataset.n) }, event.target.action);
  }

  edit(event) {
    if (!event.target.closest("[data-action=edit]") || !this.room.composer) return;
    event.preventDefault();
    this.emit("edit", { n: this.dataset.n, text: this.dataset.text });
  }
}

customElements.define("room-message", RoomMessage);
