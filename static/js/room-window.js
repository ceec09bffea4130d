/* <room-window> round the composer: while an on-screen keyboard covers part of the page and something is typed in the
 * room, the room takes just what is still seen, so that the box stays above the keys and the log scrolls behind it. */
class RoomWindow extends HTMLElement {
  connectedCallback() {
    const seen = window.visualViewport;
    this.room = this.closest("live-room");
    if (!seen || this.fit) return;
    this.fit = () => this.isConnected && requestAnimationFrame(() => this.measure(seen));
    for (const name of ["resize", "scroll"]) seen.addEventListener(name, this.fit);
    for (const name of ["focusin", "focusout"]) this.room.addEventListener(name, this.fit);
  }

  measure({ height, offsetTop, scale }) {
    const typing = this.room.contains(document.activeElement) && document.activeElement.matches("textarea, input");
    const covered = typing && scale < 1.1 && innerHeight - height > 120;
    if (!covered && !this.covered) return;
    this.covered = covered;
    this.room.toggleAttribute("data-covered", covered);
    this.room.style.setProperty("--seen-height", `${height}px`);
    this.room.style.setProperty("--seen-top", `${offsetTop}px`);
  }
}

customElements.define("room-window", RoomWindow);
