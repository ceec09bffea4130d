import { ConnectedElement } from "js/lib/connected_element.js";
import { request } from "js/lib/http.js";
import { followStream, sendLive } from "js/lib/live.js";

const BOTTOM_TOLERANCE_PX = 24;
const READ_REPORT_MS = 2000;

/* <live-room data-room data-me data-last data-read data-zone data-read-url ...texts> is a room: its log, in the order of
 * the numbers. It adds and updates messages, preserves the scroll position of a reader further up, counts new messages
 * below and reports the read mark. It never moves the focus. Its parts access each other through it: each getter is null
 * on a page of the room without that part. */
class LiveRoom extends ConnectedElement {
  connected() {
    this.log = this.querySelector(".room__log");
    this.scroller = this.querySelector(".room__scroll");
    this.below = this.querySelector(".room__below");
    this.number = Number(this.dataset.last);
    this.readNumber = Number(this.dataset.read);
    this.unseen = 0;
    this.listen(this.scroller, "scroll", () => this.seen(), { passive: true });
    this.listen(this.below, "click", () => this.toBottom());
    if (!this.stream) return;
    this.listen(document, "live:entries", ({ detail }) => {
      if (detail.stream === this.stream) detail.entries.forEach((entry) => this.receive(entry));
    });
    this.listen(document, "live:state", ({ detail }) => this.showState(detail));
    this.listen(document, "visibilitychange", () => (document.hidden ? this.reportRead() : this.seen()));
    this.listen(window, "pagehide", () => this.reportRead());
    this.catchUp();
    if (document.readyState === "complete") this.seen();
    else this.listen(window, "load", () => requestAnimationFrame(() => this.seen()));
  }

  disconnected() {
    this.reportRead();
  }

  get composer() {
    return this.querySelector("room-composer");
  }

  get files() {
    return this.querySelector("room-files");
  }

  get draft() {
    return this.querySelector("room-draft");
  }

  get reply() {
    return this.querySelector("room-reply");
  }

  get outbox() {
    return this.querySelector("room-outbox");
  }

  get actions() {
    return this.querySelector("room-actions");
  }

  get presence() {
    return this.querySelector("room-presence");
  }

  /* The <room-message> with a number, or null. */
  message(number) {
    return this.log.querySelector(`#message-${Number(number)}`);
  }

  /* The message from which others are made. */
  get blank() {
    return this.querySelector("template[data-message]").content.firstElementChild;
  }

  get messages() {
    return [...this.log.children].filter((node) => node.localName === "room-message");
  }

  get ownMessages() {
    return this.messages.filter((message) => message.isMine);
  }

  /* Null on a page of old messages, which does not follow the log. */
  get stream() {
    return "live" in this.dataset ? `room:${this.dataset.room}` : null;
  }

  /* Request the entries after the last one this page received. */
  catchUp() {
    followStream(this.stream, this.number);
  }

  /* Returns whether it was sent over the socket. */
  send(command) {
    return sendLive({ room: Number(this.dataset.room), ...command });
  }

  /* The HTTP fallback of send(). */
  post(url, fields) {
    return request(url, { method: "POST", form: fields });
  }

  /* The scroller is reversed: 0 is the newest message. */
  get atBottom() {
    return this.scroller.scrollTop > -BOTTOM_TOLERANCE_PX;
  }

  receive({ n, m }) {
    this.number = Math.max(this.number, n);
    if (!m) return;
    const shown = this.message(m.n);
    if (shown) this.keepScrollPosition(() => shown.render(m));
    else if (m.n > Number(this.log.lastElementChild?.id.replace("message-", "") ?? 0)) this.add(m);
  }

  add(m) {
    const followed = this.atBottom;
    const message = this.blank.cloneNode(true);
    this.keepScrollPosition(() => {
      this.log.append(message);
      message.render(m);
      this.outbox?.arrived(m.cid);
      this.presence?.stopTyping(m.by.id);
    });
    if (m.by.id === Number(this.dataset.me)) this.toBottom();
    else if (!followed || document.visibilityState !== "visible") this.showUnseen(this.unseen + 1);
    this.seen();
  }

  /* Run a change without moving the visible messages; at the bottom, stay there. */
  keepScrollPosition(change) {
    const { scrollTop, scrollHeight } = this.scroller;
    const followed = this.atBottom;
    change();
    this.scroller.scrollTop = followed ? 0 : scrollTop - (this.scroller.scrollHeight - scrollHeight);
  }

  toBottom() {
    this.scroller.scrollTop = 0;
    this.seen();
  }

  showUnseen(count) {
    this.unseen = count;
    this.below.hidden = !count;
    this.below.lastElementChild.textContent = this.dataset.below.replace("{count}", count);
  }

  /* Called when the end of the log may be visible. Read marks are collected and reported together. */
  seen() {
    if (document.visibilityState !== "visible" || !this.atBottom || !this.offsetParent) return;
    this.showUnseen(0);
    if (this.number <= this.readNumber) return;
    this.readNumber = this.number;
    this.reporting ??= this.after(READ_REPORT_MS * (1 + Math.random()), () => this.reportRead());
    this.dispatchEvent(new CustomEvent("room:read", { bubbles: true }));
  }

  /* data-read is the number last reported. */
  reportRead() {
    if (!this.reporting) return;
    this.cancel(this.reporting);
    this.reporting = null;
    this.dataset.read = this.readNumber;
    if (!this.send({ t: "read", n: this.readNumber })) this.post(this.dataset.readUrl, { number: this.readNumber });
  }

  /* Show that an action failed, and why if that is known, until the connection works again. */
  showFailure(why) {
    this.failure = why || this.dataset.failed;
    this.showStatus();
  }

  showSignedOut() {
    this.showFailure(this.dataset.ended);
    this.querySelector(".room__sign-in").hidden = false;
  }

  showState({ state, failing }) {
    const isBroken = state === "waiting" || (state === "polling" && failing);
    this.broken = isBroken ? this.dataset.waiting : "";
    if (!isBroken) this.failure = "";
    this.showStatus();
    this.querySelector(".room__sign-in").hidden = true;
    if (state === "ended") this.showSignedOut();
  }

  showStatus() {
    this.querySelector(".room__state").textContent = [this.failure, this.broken].filter(Boolean).join(" ");
  }
}

customElements.define("live-room", LiveRoom);
