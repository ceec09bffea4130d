import { RoomPart } from "js/lib/room_part.js";

/* <room-keys> contains the help on keyboard shortcuts and handles them. One message at a time, with its links and
 * buttons, is in the tab order (roving tabindex); arrows (or j and k) move between messages, letters and + click their links,
 * Escape moves the focus to the text box. They work only while a message has the focus. */
class RoomKeys extends RoomPart {
  connected() {
    this.log = this.room.log;
    this.help = this.querySelector("details");
    this.listen(this.room, "keydown", (event) => this.key(event));
    this.listen(this.room, "focusin", ({ target }) => this.setCurrent(target.closest("room-message")));
    this.listen(this.log, "click", ({ target }) => this.touch(target.closest("room-message")));
    for (const name of ["room:completed", "room:rendered"]) {
      this.listen(this.room, name, ({ target }) => this.setTabIndex(target));
    }
    this.listen(this.help, "focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.contains(relatedTarget)) this.help.open = false;
    });
    this.setCurrent(this.log.querySelector("room-message:target"));
    for (const message of this.log.children) this.setTabIndex(message);
    this.observer = new MutationObserver((changes) => {
      for (const { addedNodes } of changes) addedNodes.forEach((node) => this.setTabIndex(node));
    });
    this.observer.observe(this.log, { childList: true });
  }

  disconnected() {
    this.observer.disconnect();
  }

  get box() {
    return this.room.querySelector(".composer textarea");
  }

  /* Set the message in the tab order: the one that had the focus last, else the newest. */
  setCurrent(message) {
    const next = message ?? (this.current?.isConnected ? this.current : this.log.lastElementChild);
    if (next === this.current) return;
    const before = this.current;
    this.current = next;
    for (const each of [before, next]) if (each) this.setTabIndex(each);
  }

  setTabIndex(message) {
    if (!message.matches?.("room-message")) return;
    const index = message === this.current ? "0" : "-1";
    const links = message.querySelectorAll("a, button");
    for (const each of [message, ...links]) each.setAttribute("tabindex", index);
  }

  key(event) {
    const { target, key, code } = event;
    if (target.closest("dialog")) return; /* a picture, shown large */
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    /* On non-Latin keyboard layouts, use the physical key. */
    const letter = /^[a-z+]$/i.test(key) ? key.toLowerCase() : code.replace("Key", "").toLowerCase();
    if (this.handled(target, key, letter)) event.preventDefault();
  }

  handled(target, key, letter) {
    if (key === "Escape") return this.leave(target);
    if (target === this.box) return key === "ArrowUp" && !this.box.value && this.go(this.log.lastElementChild);
    if (target.matches("input, textarea, select")) return false;
    if (key === "?") return this.toggleHelp();
    if (key === "/") return this.search();
    const message = target.closest("room-message");
    return message ? this.move(message, key, letter) || this.press(message, letter) : false;
  }

  move(message, key, letter) {
    const above = message.previousElementSibling ?? this.room.querySelector(".room__older a");
    if (key === "ArrowUp" || letter === "k") return this.go(above);
    if (key === "ArrowDown" || letter === "j") return this.go(message.nextElementSibling ?? this.box);
    if (key === "Home") return this.go(this.log.firstElementChild);
    return key === "End" && this.go(this.log.lastElementChild);
  }

  press(message, letter) {
    const name = { r: "reply", "+": "react", s: "keep", e: "edit" }[letter];
    const link = name && message.querySelector(`[data-action=${name}]:not([hidden]) a`);
    link?.click();
    return Boolean(link);
  }

  go(node) {
    if (!node) return false;
    node.focus({ preventScroll: true });
    node.scrollIntoView({ block: "nearest" });
    return true;
  }

  toggleHelp() {
    this.help.open = !this.help.open;
    if (this.help.open) this.help.querySelector("summary").focus();
    return true;
  }

  /* The actions of a message are visible while it has the focus; scroll if they are above the log's edge. */
  touch(message) {
    if (!message || this.room.composer?.contains(document.activeElement)) return;
    if (!message.contains(document.activeElement)) message.focus({ preventScroll: true });
    const actions = message.part("actions").getBoundingClientRect();
    const { top } = this.room.scroller.getBoundingClientRect();
    if (actions.height && actions.top < top) message.scrollIntoView({ block: "nearest" });
  }

  /* The search box in the header, or where that is too narrow, the link to the search page. */
  search() {
    const shown = [...this.room.querySelectorAll(".room__search input, .room__find")].find((each) => each.offsetParent);
    if (shown?.matches("a")) shown.click();
    else shown?.focus();
    return true;
  }

  leave(target) {
    if (this.contains(target) && this.help.open) return this.toggleHelp();
    if (target === this.box || !target.closest("room-message, .room__search, .room__scroll")) return false;
    return this.go(this.box);
  }
}

customElements.define("room-keys", RoomKeys);
