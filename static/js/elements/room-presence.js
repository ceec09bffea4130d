import { PresenceList, TYPING_TTL_MS } from "js/lib/presence.js";
import { RoomPart } from "js/lib/room_part.js";

const HEARTBEAT_MS = 20_000;
const FIRST_HEARTBEAT_MS = 300;
const TYPING_INTERVAL_MS = 3000;

/* <room-presence data-here data-typing data-several> shows who is in the room now and who is typing. While the
 * page is visible it reports its own reader. Nothing is stored. */
class RoomPresence extends RoomPart {
  connected() {
    this.people = new PresenceList();
    this.typedAt = 0;
    this.listenLive("here", (frame) => this.seen(frame));
    this.listenLive("gone", ({ who }) => {
      if (this.people.leave(who)) this.show();
    });
    this.listen(document, "live:state", ({ detail }) => {
      if (detail.state === "open") this.send();
    });
    this.listen(document, "visibilitychange", () => this.send());
    this.listen(this.room, "room:typing", () => this.typing());
    this.after(FIRST_HEARTBEAT_MS, () => this.send());
    this.heartbeat();
  }

  heartbeat() {
    this.after(HEARTBEAT_MS, () => {
      this.send();
      this.show();
      this.heartbeat();
    });
  }

  send(typing = false) {
    if (document.visibilityState === "visible") this.room.send({ t: "here", typing });
  }

  typing() {
    if (Date.now() - this.typedAt < TYPING_INTERVAL_MS) return;
    this.typedAt = Date.now();
    this.send(true);
  }

  seen({ who, typing }) {
    for (const person of [who].flat()) {
      if (person.id !== Number(this.room.dataset.me)) this.people.seen(person, typing, Date.now());
    }
    if (typing) this.after(TYPING_TTL_MS + 100, () => this.show());
    this.show();
  }

  stopTyping(id) {
    this.people.stopTyping(id);
    this.show();
  }

  show() {
    const { here, typing, several } = this.dataset;
    const names = this.people.present(Date.now());
    const list = new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" });
    this.textContent = names.length ? here.replace("{names}", list.format(names)) : "";
    const writing = this.people.typing(Date.now());
    const text = writing.length > 1 ? several : typing.replace("{name}", writing[0]);
    this.room.querySelector(".room__typing").textContent = writing.length ? text : "";
  }
}

customElements.define("room-presence", RoomPresence);
