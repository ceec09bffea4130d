import { isSignedOut, request } from "js/lib/http.js";
import { RoomPart } from "js/lib/room_part.js";
import { deviceStorage } from "js/lib/storage.js";

/* <room-composer data-number> holds the form in which a message is written; data-number is the message being edited.
 * Enter sends, Shift and Enter make a new line, Escape cancels an edit. A question is offered as a question first.
 * <room-outbox> sends; <room-draft> keeps what is being written, this element an edit. It emits `room:typing`,
 * `room:inserted` {text, re} when it put something into the box by itself, and `room:sent`. */
class RoomComposer extends RoomPart {
  connected() {
    this.form = this.querySelector("form");
    this.area = this.querySelector("textarea");
    this.offer = this.querySelector(".composer__offer");
    this.editLine = this.querySelector(".composer__edit");
    this.listen(this.area, "keydown", (event) => this.key(event));
    this.listen(this.area, "input", () => this.typed());
    this.listen(this.form, "submit", (event) => this.submit(event));
    this.listen(this.room, "room:edit", ({ detail }) => this.edit(detail));
    this.listen(this.editLine, "click", (event) => {
      if (!event.target.closest("a")) return;
      event.preventDefault();
      this.cancelEdit();
    });
  }

  /* The number of the message being edited, or 0. */
  get editing() {
    return Number(this.dataset.number ?? 0);
  }

  get replyTo() {
    return this.form.elements.re?.value;
  }

  key(event) {
    if (event.key === "Escape" && this.editing) {
      event.preventDefault();
      this.cancelEdit();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.form.requestSubmit(this.offer?.hidden === false ? this.offer.querySelector("[name=sure]") : null);
    }
  }

  typed() {
    if (this.editing) deviceStorage.write(this.editKey, { n: this.editing, text: this.area.value });
    this.offerQuestion(false);
    this.emit("typing");
  }

  offerQuestion(shown) {
    if (this.offer) this.offer.hidden = !shown;
  }

  submit(event) {
    const button = event.submitter?.name;
    if (button === "ask" && this.canLeave) {
      this.canLeave = false;
      this.emit("sent");
      return;
    }
    event.preventDefault();
    const text = this.area.value.trim();
    if (button === "ask") this.ask(event.submitter);
    else if (!text) this.area.focus();
    else if (this.editing) this.sendEdit(text);
    else if (this.offer && text.endsWith("?") && button !== "sure") this.offerQuestion(true);
    else this.sendMessage(text);
  }

  sendEdit(text) {
    this.room.outbox.add({ t: "edit", n: this.editing, text });
    this.cancelEdit();
  }

  sendMessage(text) {
    this.room.outbox.add({ t: "send", text, re: Number(this.replyTo) || undefined });
    this.offerQuestion(false);
    this.area.value = "";
    this.emit("sent");
    this.area.focus();
  }

  /* Leads to another page with the text, once it is sure that the page can be reached. */
  async ask(button) {
    const response = await request(this.form.action, { method: "HEAD" });
    this.canLeave = Boolean(response?.ok);
    if (this.canLeave) this.form.requestSubmit(button);
    else this.room.showFailure(isSignedOut(response) && this.room.dataset.ended);
  }

  /* Put a text before what is in the box. Whether it was: never while a message is edited. */
  insert(text, re) {
    this.area.focus();
    if (this.editing) return false;
    this.area.value = [text, this.area.value].filter(Boolean).join("\n\n");
    this.emit("inserted", { text: this.area.value, re: re ?? this.replyTo });
    return true;
  }

  edit({ n, text }, focus = true) {
    this.offerQuestion(false);
    this.dataset.number = n;
    this.area.value = text;
    this.editLine.hidden = false;
    if (focus) this.area.focus();
  }

  /* Where an edit is kept on this device until it is sent or cancelled. */
  get editKey() {
    return `${this.room.draft.dataset.store} change`;
  }

  /* Go on with an edit that was begun before the page was reloaded. */
  restoreEdit() {
    const begun = deviceStorage.read(this.editKey);
    const message = begun && !this.editing && this.room.message(begun.n);
    if (!message?.isMine) return;
    if (message.isGone) this.removeEdit();
    else this.edit(begun, false);
  }

  removeEdit() {
    deviceStorage.remove(this.editKey);
  }

  cancelEdit() {
    delete this.dataset.number;
    this.editLine.hidden = true;
    this.removeEdit();
    this.area.value = this.room.draft?.text ?? "";
    this.area.focus();
  }
}

customElements.define("room-composer", RoomComposer);
