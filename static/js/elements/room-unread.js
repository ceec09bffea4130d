import { RoomPart } from "js/lib/room_part.js";

/* <room-unread> contains the link to the first unread message. It is shown until that message was visible; if the message
 * is on another page, the link leads there. */
class RoomUnread extends RoomPart {
  connected() {
    this.link = this.querySelector("a");
    this.first = this.room.querySelector(this.link.hash);
    if (!this.first) {
      this.toggleAttribute("data-shown", true);
      return;
    }
    this.listen(this.link, "click", (event) => this.follow(event));
    this.observer = new IntersectionObserver(([{ isIntersecting }]) => {
      if (isIntersecting) this.remove();
      else this.toggleAttribute("data-shown", true);
    });
    this.observer.observe(this.first);
  }

  disconnected() {
    this.observer?.disconnect();
  }

  follow(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.first.focus({ preventScroll: true });
    this.first.scrollIntoView({ block: "start" });
  }
}

customElements.define("room-unread", RoomUnread);
