/* <room-keys> holds the help on keys, and hears them: one message at a time, and what can be done with it, is reached with Tab; arrows (or j and
 * k) go from message to message, letters do what its links do, Escape leads back to the box. Letters count only where
 * nothing is being typed and the focus is on a message. */
class RoomKeys extends HTMLElement {
  connectedCallback() {
    this.room = this.closest("live-room");
    this.log = this.room.querySelector(".room__log");
    this.help = this.querySelector("details");
    this.room.addEventListener("keydown", (event) => this.key(event));
    this.room.addEventListener("focusin", ({ target }) => this.hold(target.closest("room-message")));
    this.log.addEventListener("click", ({ target }) => this.touch(target.closest("room-message")));
    this.help.addEventListener("focusout", ({ relatedTarget }) => relatedTarget && !this.contains(relatedTarget) && (this.help.open = false));
    this.hold(this.log.querySelector("room-message:target"));
    for (const message of this.log.children) this.reach(message);
    new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach((one) => this.reach(one)))).observe(this.log, { childList: true });
  }

  get box() {
    return this.room.querySelector(".composer textarea");
  }

  /* The one that Tab reaches: where the focus was last, else the newest. */
  hold(message) {
    const next = message ?? (this.held?.isConnected ? this.held : this.log.lastElementChild);
    if (next === this.held) return;
    const before = this.held;
    this.held = next;
    for (const one of [before, next]) if (one) this.reach(one);
  }

  /* What can be done with the others waits until they are reached. */
  reach(message) {
    if (!message.matches?.("room-message")) return;
    const reached = message === this.held ? "0" : "-1";
    for (const one of [message, ...message.querySelectorAll(".message__deeds :is(a, button)")]) one.setAttribute("tabindex", reached);
  }

  key(event) {
    const { target, key, code } = event;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const done = this.done(target, key, /^[a-z]$/i.test(key) ? key.toLowerCase() : code.replace("Key", "").toLowerCase());
    if (done) event.preventDefault();
  }

  done(target, key, letter) {
    if (key === "Escape") return this.leave(target);
    if (target === this.box) return key === "ArrowUp" && !this.box.value && this.go(this.log.lastElementChild);
    if (target.matches("input, textarea, select")) return false;
    if (key === "?") return this.explain();
    if (key === "/") return this.search();
    const message = target.closest("room-message");
    return message ? this.step(message, key, letter) || this.deed(message, letter) : false;
  }

  step(message, key, letter) {
    if (key === "ArrowUp" || letter === "k") return this.go(message.previousElementSibling ?? this.room.querySelector(".room__older a"));
    if (key === "ArrowDown" || letter === "j") return this.go(message.nextElementSibling ?? this.box);
    if (key === "Home") return this.go(this.log.firstElementChild);
    return key === "End" && this.go(this.log.lastElementChild);
  }

  deed(message, letter) {
    const word = { r: "reply", m: "react", e: "edit" }[letter];
    const link = word && message.querySelector(`[data-word=${word}]:not([hidden]) a`);
    link?.click();
    return Boolean(link);
  }

  go(place) {
    if (!place) return false;
    place.focus({ preventScroll: true });
    place.scrollIntoView({ block: "nearest" });
    return true;
  }

  explain() {
    this.help.open = !this.help.open;
    if (this.help.open) this.help.querySelector("summary").focus();
    return true;
  }

  /* What can be done with it shows while it has the focus; none of that stays above the log's edge. */
  touch(message) {
    if (this.room.querySelector("room-composer")?.contains(document.activeElement)) return;
    if (!message?.contains(document.activeElement)) message?.focus({ preventScroll: true });
    const deeds = message?.querySelector(".message__deeds").getBoundingClientRect();
    if (deeds?.height && deeds.top < this.room.scroller.getBoundingClientRect().top) message.scrollIntoView({ block: "nearest" });
  }

  /* In the head, or where that is narrow, on the page it leads to. */
  search() {
    const place = [...this.room.querySelectorAll(".room__search input, .room__find")].find((one) => one.offsetParent);
    if (place?.matches("a")) place.click();
    else place?.focus();
    return true;
  }

  leave(target) {
    if (this.contains(target) && this.help.open) return this.explain();
    if (target === this.box || !target.closest("room-message, .room__search, .room__scroll")) return false;
    return this.go(this.box);
  }
}

customElements.define("room-keys", RoomKeys);
