import { RoomPart } from "js/lib/room_part.js";

const KEYBOARD_MIN_PX = 120;

/* <room-viewport> around the composer: while an on-screen keyboard covers part of the page and a field of the room has
 * the focus, the room is resized to the visible part, so that the text box stays above the keyboard and the log
 * scrolls. */
class RoomViewport extends RoomPart {
  connected() {
    const viewport = window.visualViewport;
    if (!viewport) return;
    const fit = () => requestAnimationFrame(() => this.fit(viewport));
    for (const name of ["resize", "scroll"]) this.listen(viewport, name, fit);
    for (const name of ["focusin", "focusout"]) this.listen(this.room, name, fit);
  }

  fit({ height, offsetTop, scale }) {
    if (!this.isConnected) return;
    const typing = this.room.contains(document.activeElement) && document.activeElement.matches("textarea, input");
    const covered = typing && scale < 1.1 && innerHeight - height > KEYBOARD_MIN_PX;
    if (!covered && !this.covered) return;
    this.covered = covered;
    this.room.toggleAttribute("data-covered", covered);
    this.room.style.setProperty("--seen-height", `${height}px`);
    this.room.style.setProperty("--seen-top", `${offsetTop}px`);
  }
}

customElements.define("room-viewport", RoomViewport);
