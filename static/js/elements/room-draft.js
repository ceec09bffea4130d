import { DraftStore, sameFields } from "js/lib/draft_store.js";
import { RoomPart } from "js/lib/room_part.js";

const SAVE_DELAY_MS = 1500;
const OWN_MESSAGE_DELAY_MS = 3000;

/* <room-draft data-store data-place data-title data-url> in the composer keeps what is being written, so that it can be
 * continued on another device. The draft of a message that was sent is deleted on the account when the room has the
 * message. What is gone from the account goes here too; what another tab or device has begun stays and is continued. */
class RoomDraft extends RoomPart {
  connected() {
    const { store: key, url, place, title } = this.dataset;
    this.store = new DraftStore({ key, url, place, title, keepalive: true });
    this.composer = this.room.composer;
    this.form = this.closest("form");
    this.area = this.form.querySelector("textarea");
    this.onAccount = Boolean(this.area.value); /* whether the account has a draft */
    this.listen(this.form, "input", () => this.changed());
    for (const name of ["room:inserted", "room:reply"]) this.listen(this.room, name, () => this.changed());
    this.listen(this.room, "room:sent", () => this.sent());
    this.listen(this.room, "room:delivered", () => {
      if (this.onAccount && !this.timer) this.save();
    });
    this.listen(document, "visibilitychange", () => {
      if (!document.hidden) this.restore();
      else if (this.timer) this.save();
    });
    this.listen(this.area, "focus", () => {
      if (!this.area.value) this.restore();
    });
    this.listen(this.room, "room:rendered", ({ target }) => {
      if (target.isMine && this.area.value) this.ownMessageCame();
    });
    this.start();
    this.composer.restoreEdit();
  }

  disconnected() {
    if (this.timer) this.save();
  }

  start() {
    if (this.composer.editing || this.composer.querySelector("[role=alert]")) return;
    const { local } = this.store;
    if (!local || local.synced) {
      this.writeLocal(this.fields, true);
      return;
    }
    this.put({ re: this.form.elements.re.value, ...local.fields });
    if (local.fields.text || !this.room.outbox?.isWaiting) this.saveLater();
  }

  get text() {
    return this.store.local?.fields.text;
  }

  get fields() {
    const { text, re } = this.form.elements;
    return text.value ? { text: text.value, ...(re?.value && { re: re.value }) } : {};
  }

  writeLocal(fields, synced = false) {
    if (this.cleared) return;
    this.ownText = fields.text;
    this.store.writeLocal(fields, synced);
  }

  put({ text = "", re }) {
    this.ownText = text;
    this.since = this.room.number;
    if (this.area.value !== text) this.area.value = text;
    this.room.reply?.start(Number(re));
  }

  changed() {
    if (this.composer.editing) return;
    this.since = this.room.number;
    this.writeLocal(this.fields);
    this.saveLater();
  }

  /* Remove everything from this device and return what was not sent. */
  clear() {
    const unsent = new Set([this.text, this.area.value]);
    this.cleared = true;
    this.cancelSave();
    this.store.removeLocal();
    this.composer.removeEdit();
    return [...unsent].filter(Boolean);
  }

  saveLater() {
    this.cancelSave();
    this.timer = this.after(SAVE_DELAY_MS, () => this.save());
  }

  cancelSave() {
    this.cancel(this.timer);
    this.timer = null;
  }

  /* On this device the draft goes at once. What another tab has begun meanwhile stays. */
  sent() {
    this.cancelSave();
    if (this.text && this.text !== this.ownText) this.onAccount = false;
    else this.writeLocal({}, !this.onAccount);
  }

  async save() {
    this.cancelSave();
    if (this.composer.editing || this.cleared) return;
    const { fields } = this;
    if (!fields.text && !this.onAccount) {
      this.writeLocal(fields, true);
      return;
    }
    if ((await this.store.save(fields)) !== "saved") return;
    this.onAccount = Boolean(fields.text);
    if (!sameFields(fields, this.fields)) this.saveLater();
  }

  get isBusy() {
    return this.composer.editing || this.timer || this.store.local?.synced === false;
  }

  /* The page came back into view: another device may have continued meanwhile. */
  async restore() {
    if (this.isBusy) return;
    const draft = await this.store.load();
    if (!draft || this.isBusy || !this.continues(draft.fields.text)) return;
    this.onAccount = Boolean(draft.fields.text);
    if (!sameFields(draft.fields, this.fields)) this.put(draft.fields);
    this.writeLocal(draft.fields, true);
  }

  /* It may have been sent from another device, and be what is in the box here. */
  ownMessageCame() {
    this.looking ??= this.after(OWN_MESSAGE_DELAY_MS, () => {
      this.looking = null;
      this.restore();
    });
  }

  /* Whether a draft is what is in the box, continued or sent since. Any other text does not replace it. */
  continues(text = "") {
    const here = this.area.value.trim();
    const isSent = ({ dataset }) => Number(dataset.n) > (this.since ?? 0) && dataset.text?.startsWith(here);
    return text.startsWith(here) || (!text && this.room.ownMessages.some(isSent));
  }
}

customElements.define("room-draft", RoomDraft);
