/* <room-fold data-url data-room data-last data-me data-key data-unread data-live> is the folded room on a space's page. It counts
 * what is new there; on a wide screen its link opens the room beside the page, which it does by itself only while
 * somebody announced is there. */
const WIDE = matchMedia("(min-width: 75rem)");

class RoomFold extends HTMLElement {
  connectedCallback() {
    if (this.link) return;
    this.link = this.querySelector("a");
    this.stream = `room:${this.dataset.room}`;
    this.unread = Number(this.dataset.unread);
    this.kept = `${this.stream} panel`;
    if (WIDE.matches) this.link.setAttribute("aria-expanded", "false");
    this.link.addEventListener("click", (event) => this.press(event));
    this.addEventListener("click", (event) => event.target.closest(".room__fold") && this.close());
    this.addEventListener("room:read", () => this.count(0));
    document.addEventListener("live:entries", ({ detail }) => detail.stream === this.stream && this.hear(detail.entries));
    document.addEventListener("live:unknown", ({ detail }) => detail.stream === this.stream && this.end());
    document.dispatchEvent(new CustomEvent("live:follow", { detail: { stream: this.stream, after: Number(this.dataset.last) } }));
    const kept = sessionStorage.getItem(this.kept);
    if (WIDE.matches && (kept === "open" || ("live" in this.dataset && kept !== "closed"))) this.open();
  }

  hear(entries) {
    if (this.querySelector("live-room")) return;
    this.count(this.unread + entries.filter(({ k, m }) => k === "message" && m.by.id !== Number(this.dataset.me)).length);
  }

  count(unread) {
    this.unread = unread;
    const count = this.querySelector(".count");
    count.hidden = !unread;
    count.firstElementChild.textContent = unread;
  }

  press(event) {
    if (!WIDE.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if ("open" in this.dataset) this.close();
    else this.open().then((opened) => opened || location.assign(this.link.href));
  }

  async open() {
    sessionStorage.setItem(this.kept, "open");
    const answer = await fetch(this.dataset.url).catch(() => null);
    const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    const room = page && page.querySelector("live-room");
    if (!room || this.querySelector("live-room")) return Boolean(room);
    room.querySelector(".room__fold").hidden = false;
    this.dataset.open = "";
    this.append(room);
    this.link.setAttribute("aria-expanded", "true");
    this.count(0);
    return true;
  }

  close() {
    sessionStorage.setItem(this.kept, "closed");
    delete this.dataset.open;
    this.link.setAttribute("aria-expanded", "false");
    const held = this.querySelector("live-room")?.contains(document.activeElement);
    this.querySelector("live-room")?.remove();
    if (held) this.link.focus();
  }

  /* What was written in a room that is no longer one's own does not stay on this device. */
  end() {
    const { key, room } = this.dataset;
    const left = new RegExp(`^draft ${key} (writing|outbox) ${room}( |$)`);
    const names = this.querySelector("live-room") ? [] : Object.keys(localStorage); /* an open room does it */
    for (const name of names) if (left.test(name)) localStorage.removeItem(name);
    this.link.hidden = true;
  }
}

customElements.define("room-fold", RoomFold);
