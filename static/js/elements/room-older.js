import { fetchPage } from "js/lib/http.js";
import { RoomPart } from "js/lib/room_part.js";

const ANNOUNCEMENTS_OFF_MS = 500;

/* <room-older> contains the link to earlier messages (with data-later, on an old page of the room, to later ones) and
 * inserts them into the log. The scroll position is preserved, and screen readers do not announce them as new. */
class RoomOlder extends RoomPart {
  connected() {
    this.listen(this, "click", (event) => this.follow(event));
  }

  async follow(event) {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    const answer = await fetchPage(link.href);
    this.busy = false;
    if (!answer) this.room.showFailure();
    else if (!answer.ok) location.assign(link.href);
    else this.insert(answer.page);
  }

  insert(page) {
    const { log, scroller } = this.room;
    const later = "later" in this.dataset;
    const hadFocus = this.contains(document.activeElement);
    const edge = later ? log.lastElementChild : log.firstElementChild;
    const { scrollTop, scrollHeight } = scroller;
    log.setAttribute("aria-live", "off");
    setTimeout(() => log.setAttribute("aria-live", "polite"), ANNOUNCEMENTS_OFF_MS);
    log[later ? "append" : "prepend"](...page.querySelectorAll(".room__log > *"));
    (later ? edge?.nextElementSibling : edge)?.arrange();
    const next = page.querySelector(later ? "room-older[data-later]" : "room-older:not([data-later])");
    this.replaceWith(next ?? "");
    if (later) scroller.scrollTop = scrollTop - (scroller.scrollHeight - scrollHeight);
    if (hadFocus) (next?.querySelector("a") ?? edge).focus({ preventScroll: true });
  }
}

customElements.define("room-older", RoomOlder);
