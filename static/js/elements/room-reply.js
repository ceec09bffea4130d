import { excerpt } from "js/lib/message_text.js";
import { RoomPart } from "js/lib/room_part.js";

/* <room-reply> shows in the composer which message is being replied to. A message's own link starts a reply, Escape or
 * the link in this element cancels it. start(n) sets it; n may be a message that is not on the page. Emits `room:reply`
 * when the reader changed it. */
class RoomReply extends RoomPart {
  connected() {
    this.form = this.closest("form");
    this.area = this.form.querySelector("textarea");
    this.listen(this.room, "click", (event) => this.press(event));
    this.listen(this.form, "keydown", (event) => {
      if (event.key === "Escape" && this.number) this.cancelReply(event);
    });
    for (const name of ["room:sent", "room:edit"]) this.listen(this.room, name, () => this.start(0));
    this.listen(this.room, "room:inserted", ({ detail }) => this.start(Number(detail.re)));
    this.listen(this.room, "room:rendered", ({ target, detail }) => {
      if (detail.n === this.number) this.show(target);
    });
  }

  get number() {
    return Number(this.form.elements.re.value);
  }

  press(event) {
    if (this.contains(event.target) && event.target.closest("a")) {
      this.cancelReply(event);
      return;
    }
    const message = event.target.closest("[data-action=reply] a") && event.target.closest("room-message");
    if (!message || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (this.room.composer.editing) this.room.composer.cancelEdit();
    this.change(Number(message.dataset.n));
  }

  cancelReply(event) {
    event.preventDefault();
    this.change(0);
  }

  change(number) {
    this.start(number);
    this.area.focus();
    this.emit("reply");
  }

  start(number) {
    this.form.elements.re.value = number || "";
    this.hidden = !number;
    const message = number && this.room.message(number);
    if (message) this.show(message);
    else if (!number) this.setQuote("", "");
  }

  show(message) {
    this.setQuote(message.isWithdrawn ? "" : message.author.textContent, excerpt(message.text));
  }

  setQuote(name, text) {
    this.querySelector(".composer__re-name").textContent = name;
    this.querySelector(".composer__re-words").textContent = text;
  }
}

customElements.define("room-reply", RoomReply);
