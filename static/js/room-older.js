/* <room-older> holds the link to earlier messages (or, on an old page of the room, to later ones) and fetches them into
 * the log in place; what is being read stays where it is. */
class RoomOlder extends HTMLElement {
  connectedCallback() {
    this.onclick = (event) => this.fetch(event);
  }

  async fetch(event) {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    const room = this.closest("live-room");
    const answer = await fetch(link.href).catch(() => null);
    if (!answer) {
      this.busy = false;
      return room.fail();
    }
    if (!answer.ok) return location.assign(link.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const log = room.querySelector(".room__log");
    const later = "later" in this.dataset;
    const held = this.contains(document.activeElement);
    const seam = later ? log.lastElementChild : log.firstElementChild;
    const { scrollTop, scrollHeight } = room.scroller;
    log.setAttribute("aria-live", "off");
    log[later ? "append" : "prepend"](...page.querySelectorAll(".room__log > *"));
    (later ? seam?.nextElementSibling : seam)?.arrange();
    setTimeout(() => log.setAttribute("aria-live", "polite"), 500);
    const next = page.querySelector(later ? "room-older[data-later]" : "room-older:not([data-later])");
    this.replaceWith(next ?? "");
    if (later) room.scroller.scrollTop = scrollTop - (room.scroller.scrollHeight - scrollHeight);
    if (held) (next?.querySelector("a") ?? seam).focus({ preventScroll: true });
  }
}

customElements.define("room-older", RoomOlder);
