import { offersMentions } from "js/lib/mention_list.js";
import { RoomPart } from "js/lib/room_part.js";

/* <room-mention> around the composer's box suggests members of the room when @ is typed (js/lib/mention_list.js). It also
 * marks messages that mention the reader. */
class RoomMention extends offersMentions(RoomPart) {
  connected() {
    super.connected();
    this.offerIn(this, "textarea");
    this.listen(this.room, "room:rendered", ({ target, detail }) => this.showMentioned(target, detail));
  }

  showMentioned(message, { to = [], gone }) {
    const mentioned = !gone && to.includes(Number(this.room.dataset.me));
    message.classList.toggle("message--to-me", mentioned);
    message.part("to").hidden = !mentioned;
  }
}

customElements.define("room-mention", RoomMention);
