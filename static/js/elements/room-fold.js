import { announce } from "js/lib/announce.js";
import { ConnectedElement } from "js/lib/connected_element.js";
import { fetchPage } from "js/lib/http.js";
import { followStream } from "js/lib/live.js";
import { fileInWords } from "js/lib/message_files.js";
import { cookieList, deviceStorage, tabStorage } from "js/lib/storage.js";

const KEPT_COOKIE = "rooms";
const LINES = 3;
const WIDE = "(min-width: 75rem)";

/* <room-fold data-url data-room data-last data-me data-key data-unread data-live data-opened data-picture data-file> is the collapsed room on a
 * page of its space. It counts new messages and shows the newest. On a wide screen its link opens the room beside the
 * page, where it stays open on this device until the reader closes it: a cookie tells the server, which sets data-kept, so
 * that the page leaves room for it. A live hour opens it, and closes it when it ends, unless the reader chose otherwise.
 * The room's own modules are loaded when it opens. */
class RoomFold extends ConnectedElement {
  connected() {
    this.link = this.querySelector("a");
    this.stream = `room:${this.dataset.room}`;
    this.unread = Number(this.dataset.unread);
    this.wide = matchMedia(WIDE);
    this.showExpanded();
    this.listen(this.link, "click", (event) => this.press(event));
    this.listen(this, "click", (event) => {
      if (!event.target.closest(".room__fold")) return;
      this.choose("closed");
      this.close();
    });
    this.listen(this, "room:read", () => this.showUnread(0));
    this.listen(this, "hour:changed", ({ detail }) => this.hourChanged(detail.live));
    this.listen(document, "live:entries", ({ detail }) => {
      if (detail.stream === this.stream) this.receive(detail.entries);
    });
    this.listen(document, "live:unknown", ({ detail }) => {
      if (detail.stream === this.stream) this.end();
    });
    followStream(this.stream, Number(this.dataset.last));
    this.listen(this.wide, "change", () => {
      this.showExpanded();
      this.openKept();
    });
    this.openKept();
    if ("live" in this.dataset) this.openForHour();
  }

  /* What the reader chose: "open" on this device, "closed" in this tab, or null. */
  get choice() {
    return this.kept.has(this.dataset.room) ? "open" : tabStorage.read(this.key);
  }

  get kept() {
    return cookieList(KEPT_COOKIE);
  }

  openKept() {
    if (this.wide.matches && this.choice === "open" && !this.room) this.open();
  }

  async openForHour() {
    if (!this.wide.matches || this.choice || this.room) return;
    if (await this.open()) announce(this.dataset.opened);
  }

  /* When the hour ends, a panel that it opened closes, unless its reader is writing. */
  hourChanged(isLive) {
    if (isLive) this.openForHour();
    else if (this.room && !this.choice && !this.isInUse) this.close();
  }

  get isInUse() {
    return this.room.contains(document.activeElement) || Boolean(this.room.querySelector(".composer textarea")?.value || this.room.files?.isUsed);
  }

  get key() {
    return `${this.stream} panel`;
  }

  get room() {
    return this.querySelector("live-room");
  }

  /* The lines are kept up while the room is open too: they are shown again when it closes. */
  receive(entries) {
    for (const { k, m } of entries) if (m) this.showLine(m, k === "message");
    if (this.room) return;
    const isNew = ({ k, m }) => k === "message" && !m.gone && m.by.id !== Number(this.dataset.me);
    this.showUnread(this.unread + entries.filter(isNew).length);
  }

  /* A message that was deleted has no text. */
  showLine({ n, by, gone, lang, files, ...said }, isNew) {
    const text = gone ? "" : said.text || fileInWords(files?.[0] ?? {}, this.dataset);
    const lines = this.querySelector(".fold-room__lines");
    const shown = lines.querySelector(`[data-number="${n}"]`);
    if (!text) shown?.remove();
    else if (shown) shown.querySelector("span").textContent = text;
    if (!text || shown || !isNew) return;
    const [line, name, words] = ["li", "strong", "span"].map((tag) => document.createElement(tag));
    line.dataset.number = n;
    name.textContent = by.name;
    words.textContent = text;
    words.lang = lang;
    line.append(name, " ", words);
    lines.append(line);
    if (lines.children.length > LINES) lines.firstElementChild.remove();
  }

  showUnread(unread) {
    this.unread = unread;
    const count = this.querySelector(".count");
    count.hidden = !unread;
    count.firstElementChild.textContent = unread;
  }

  async press(event) {
    if (!this.wide.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if ("open" in this.dataset) {
      this.choose("closed");
      this.close();
    } else {
      this.choose("open");
      const hadFocus = document.activeElement === this.link;
      if (!(await this.open())) location.assign(this.link.href);
      else if (hadFocus) this.querySelector(".room__fold").focus();
    }
  }

  choose(choice) {
    if (choice === "open") tabStorage.remove(this.key);
    else tabStorage.write(this.key, choice);
    this.kept.set(this.dataset.room, choice === "open");
    this.toggleAttribute("data-kept", choice === "open");
  }

  /* In a narrow window the link leads to the page of the room. */
  showExpanded() {
    if (this.wide.matches) this.link.setAttribute("aria-expanded", "open" in this.dataset);
    else this.link.removeAttribute("aria-expanded");
  }

  /* Resolves to whether the room is open now. */
  async open() {
    const [answer] = await Promise.all([fetchPage(this.dataset.url), import("js/room.js").catch(() => null)]);
    const room = answer?.ok && answer.page.querySelector("live-room");
    if (!room) this.removeAttribute("data-kept");
    if (!room || this.room) return Boolean(room);
    room.querySelector(".room__fold").hidden = false;
    this.dataset.open = "";
    this.append(room);
    this.showExpanded();
    this.showUnread(0);
    return true;
  }

  close() {
    delete this.dataset.open;
    this.showExpanded();
    const hadFocus = this.room?.contains(document.activeElement);
    this.room?.remove();
    if (hadFocus) this.link.focus();
  }

  /* The reader is not a member any more: remove their drafts of the room from this device. An open room does this
   * itself. */
  end() {
    this.link.hidden = true;
    this.querySelector(".fold-room__lines").replaceChildren();
    if (this.room) return;
    const { key, room } = this.dataset;
    const own = new RegExp(`^draft ${key} (writing|outbox) ${room}( |$)`);
    for (const name of deviceStorage.keys((each) => own.test(each))) deviceStorage.remove(name);
  }
}

customElements.define("room-fold", RoomFold);
