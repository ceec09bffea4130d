/* <room-end data-words> stays alone in a room whose reader is no member any more, and says so. What they had not sent is
 * forgotten on this device, which may not be theirs alone; it stands here once more, to be copied. */
class RoomEnd extends HTMLElement {
  connectedCallback() {
    if (this.room) return;
    this.room = this.closest("live-room");
    document.addEventListener("live:unknown", ({ detail }) => this.hidden && detail.stream === this.room.stream && this.end());
  }

  end() {
    const unsent = ["room-outbox", "room-draft"].flatMap((name) => this.room.querySelector(name)?.forget() ?? []);
    const lines = this.room.querySelectorAll(".room__typing, .room__state");
    for (const line of lines) line.hidden = true;
    this.room.replaceChildren(this, ...lines);
    this.hidden = false;
    this.querySelector("[role=status]").textContent = this.dataset.words;
    this.querySelector("textarea").value = unsent.join("\n\n");
    this.querySelector(".room__unsent").hidden = !unsent.length;
  }
}

customElements.define("room-end", RoomEnd);
