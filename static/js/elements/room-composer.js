import { csrfToken, isSignedOut, request } from "js/lib/http.js";
import { RoomPart } from "js/lib/room_part.js";
import { deviceStorage } from "js/lib/storage.js";

/* <room-composer data-number data-send data-save> contains the form in which a message is written; data-number is the
 * message being edited, the others are the labels of its button.
 * Enter sends, Shift+Enter inserts a line break, Escape cancels an edit. For a text that ends in "?" it first offers to
 * start a thread. <room-outbox> sends; <room-draft> stores the text being written, this element an edit. It emits
 * `room:typing`, `room:inserted` {text, re} when a script changed the text, and `room:sent`. */
class RoomComposer extends RoomPart {
  connected() {
    this.form = this.querySelector("form");
    this.area = this.querySelector("textarea");
    this.offer = this.querySelector(".composer__offer");
    this.editLine = this.querySelector(".composer__edit");
    this.listen(this.area, "keydown", (event) => this.key(event));
    this.listen(this.area, "input", () => this.onInput());
    this.listen(this.form, "submit", (event) => this.submit(event));
    this.listen(this.room, "room:edit", ({ detail }) => this.edit(detail));
    this.listen(this.room, "room:files", () => {
      if (this.sendsLater) this.sendMessage(this.area.value.trim());
    });
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

  onInput() {
    this.sendsLater = false;
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
    else if (!text && !this.hasFiles) this.area.focus();
    else if (this.editing) this.sendEdit(text);
    else if (this.offer && text.endsWith("?") && button !== "sure") this.offerQuestion(true);
    else this.sendMessage(text);
  }

  /* Whether the message that is written or edited has files, and so needs no text. */
  get hasFiles() {
    return this.editing ? this.room.message(this.editing)?.hasFiles : this.room.files?.isUsed;
  }

  sendEdit(text) {
    this.room.outbox.add({ t: "edit", n: this.editing, text });
    this.cancelEdit();
  }

  /* With files that are still being uploaded: when they are there. One that could not be is removed first. */
  sendMessage(text) {
    const { files } = this.room;
    this.sendsLater = files.isUploading;
    if (this.sendsLater) files.say(files.dataset.later);
    if (this.sendsLater || files.hasFailed || (!text && !files.isUsed)) return;
    const uploaded = files.isUsed ? files.take() : undefined;
    this.room.outbox.add({ t: "send", text, re: Number(this.replyTo) || undefined, files: uploaded });
    this.offerQuestion(false);
    this.area.value = "";
    this.emit("sent");
    this.area.focus();
  }

  /* Submits the text to another page, after checking that the page can be reached. */
  async ask(button) {
    const response = await request(this.form.action, { method: "HEAD" });
    this.canLeave = Boolean(response?.ok);
    const token = this.form.elements.csrfmiddlewaretoken;
    token.value = csrfToken() || token.value;
    if (this.canLeave) this.form.requestSubmit(button);
    else if (isSignedOut(response)) this.room.showSignedOut();
    else this.room.showFailure();
  }

  /* Insert a message before the text in the box. Returns whether it did: not while a message is edited. */
  insert({ text, re, files = [] }) {
    this.area.focus();
    if (this.editing) return false;
    this.room.files.restore(files);
    this.area.value = [text, this.area.value].filter(Boolean).join("\n\n");
    this.emit("inserted", { text: this.area.value, re: re ?? this.replyTo });
    return true;
  }

  edit({ n, text }, focus = true) {
    this.sendsLater = false;
    this.offerQuestion(false);
    if (!this.editing) this.unsent = this.area.value;
    this.dataset.number = n;
    this.area.value = text;
    this.showEditing(true);
    if (focus) this.area.focus();
  }

  showEditing(editing) {
    this.editLine.hidden = !editing;
    const { save, send } = this.dataset;
    this.form.querySelector(".composer__send").textContent = editing ? save : send;
  }

  /* The storage key of an edit until it is sent or cancelled. */
  get editKey() {
    return `${this.room.draft.dataset.store} change`;
  }

  /* Restore an edit that was started before the page was reloaded. */
  restoreEdit() {
    const stored = deviceStorage.read(this.editKey);
    const message = stored && !this.editing && this.room.message(stored.n);
    if (!message?.isMine) return;
    if (message.isWithdrawn) this.removeEdit();
    else this.edit(stored, false);
  }

  removeEdit() {
    deviceStorage.remove(this.editKey);
  }

  cancelEdit() {
    delete this.dataset.number;
    this.showEditing(false);
    this.removeEdit();
    this.area.value = this.room.draft?.text ?? this.unsent ?? "";
    this.area.focus();
  }
}

customElements.define("room-composer", RoomComposer);
