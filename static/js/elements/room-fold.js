import { ConnectedElement } from "js/lib/connected_element.js";
import { fetchPage } from "js/lib/http.js";
import { followStream } from "js/lib/live.js";
import { deviceStorage, tabStorage } from "js/lib/storage.js";

const WIDE = "(min-width: 75rem)";

/* <room-fold data-url data-room data-last data-me data-key data-unread data-live> is the collapsed room on a page of its
 * space. It counts new messages. On a wide screen its link opens the room beside the page; it opens without a click only
 * during a live hour. The room's own modules are loaded when it opens. */
class RoomFold extends ConnectedElement {
  connected() {
    this.link = this.querySelector("a");
    this.stream = `room:${this.dataset.room}`;
    this.unread = Number(this.dataset.unread);
    this.wide = matchMedia(WIDE);
    if (this.wide.matches) this.link.setAttribute("aria-expanded", "false");
    this.listen(this.link, "click", (event) => this.press(event));
    this.listen(this, "click", (event) => {
      if (event.target.closest(".room__fold")) this.close();
    });
    this.listen(this, "room:read", () => this.showUnread(0));
    this.listen(document, "live:entries", ({ detail }) => {
      if (detail.stream === this.stream) this.receive(detail.entries);
    });
    this.listen(document, "live:unknown", ({ detail }) => {
      if (detail.stream === this.stream) this.end();
    });
    followStream(this.stream, Number(this.dataset.last));
    const stored = tabStorage.read(this.key);
    if (this.wide.matches && (stored === "open" || ("live" in this.dataset && stored !== "closed"))) this.open();
  }

  get key() {
    return `${this.stream} panel`;
  }

  get room() {
    return this.querySelector("live-room");
  }

  receive(entries) {
    if (this.room) return;
    const isNew = ({ k, m }) => k === "message" && m.by.id !== Number(this.dataset.me);
    this.showUnread(this.unread + entries.filter(isNew).length);
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
    if ("open" in this.dataset) this.close();
    else if (!(await this.open())) location.assign(this.link.href);
  }

  /* Resolves to whether the room is open now. */
  async open() {
    tabStorage.write(this.key, "open");
    const [answer] = await Promise.all([fetchPage(this.dataset.url), import("js/room.js").catch(() => null)]);
    const room = answer?.ok && answer.page.querySelector("live-room");
    if (!room || this.room) return Boolean(room);
    room.querySelector(".room__fold").hidden = false;
    this.dataset.open = "";
    this.append(room);
    this.link.setAttribute("aria-expanded", "true");
    this.showUnread(0);
    return true;
  }

  close() {
    tabStorage.write(this.key, "closed");
    delete this.dataset.open;
    this.link.setAttribute("aria-expanded", "false");
    const hadFocus = this.room?.contains(document.activeElement);
    this.room?.remove();
    if (hadFocus) this.link.focus();
  }

  /* The reader is not a member any more: remove their drafts of the room from this device. An open room does this
   * itself. */
  end() {
    this.link.hidden = true;
    if (this.room) return;
    const { key, room } = this.dataset;
    const own = new RegExp(`^draft ${key} (writing|outbox) ${room}( |$)`);
    for (const name of deviceStorage.keys((each) => own.test(each))) deviceStorage.remove(name);
  }
}

customElements.define("room-fold", RoomFold);
