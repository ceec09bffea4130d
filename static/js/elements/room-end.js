import { RoomPart } from "js/lib/room_part.js";

/* <room-end data-words> replaces a room whose reader is not a member any more. What was not sent is removed from this
 * device, which others may use; it is shown once more, to be copied. */
class RoomEnd extends RoomPart {
  connected() {
    this.listenLive("unknown", () => {
      if (this.hidden) this.end();
    });
  }

  end() {
    const { room } = this;
    const unsent = [...(room.outbox?.clear() ?? []), ...(room.draft?.clear() ?? [])];
    const lines = room.querySelectorAll(".room__typing, .room__state");
    for (const line of lines) line.hidden = true;
    room.replaceChildren(this, ...lines);
    this.hidden = false;
    this.querySelector("[role=status]").textContent = this.dataset.words;
    this.querySelector("textarea").value = unsent.join("\n\n");
    this.querySelector(".room__unsent").hidden = !unsent.length;
  }
}

customElements.define("room-end", RoomEnd);
