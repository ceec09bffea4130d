import { RoomPart } from "js/lib/room_part.js";

/* <room-end data-text> replaces a room whose reader is not a member any more. Unsent texts are removed from this device,
 * which may be shared; they are shown once, to be copied. */
class RoomEnd extends RoomPart {
  connected() {
    this.listenLive("unknown", () => {
      if (this.hidden) this.end();
    });
  }

  end() {
    const { room } = this;
    const unsent = [...(room.outbox?.clear() ?? []), ...(room.draft?.clear() ?? [])];
    room.files?.clear();
    const statuses = room.querySelectorAll(".room__typing, .room__state, .room__sign-in");
    for (const status of statuses) status.hidden = true;
    room.replaceChildren(this, ...statuses);
    this.hidden = false;
    this.querySelector("[role=status]").textContent = this.dataset.text;
    this.querySelector("textarea").value = unsent.join("\n\n");
    this.querySelector(".room__unsent").hidden = !unsent.length;
  }
}

customElements.define("room-end", RoomEnd);
