import { DraftStore, sameFields } from "js/lib/draft_store.js";
import { RoomPart } from "js/lib/room_part.js";

const SAVE_DELAY_MS = 1500;
const OWN_MESSAGE_DELAY_MS = 3000;

/* <room-draft data-store data-place data-title data-url> in the composer stores the text being written, so that it can be
 * continued on another device. After a message is sent, its draft is deleted from the account when the message is in the
 * log. A draft deleted from the account is deleted here too; one started in another tab or device is continued. */
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
      if (target.isMine && this.area.value) this.onOwnMessage();
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
    if (!local || sameFields(local.fields, this.fields)) {
      this.writeLocal(this.fields, true);
      return;
    }
    if (local.synced) {
      this.restore(); /* saved while this page was being loaded, or deleted by another device */
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

  /* Remove everything from this device and return the unsent texts. */
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

  /* Delete the draft on this device at once, unless another tab has started a new one. */
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

  /* Called when the page becomes visible: the draft may have been continued on another device. */
  async restore() {
    if (this.isBusy) return;
    const draft = (await this.store.load()) ?? this.store.local;
    if (!draft || this.isBusy || !this.continues(draft.fields.text)) return;
    this.onAccount = Boolean(draft.fields.text);
    if (!sameFields(draft.fields, this.fields)) this.put(draft.fields);
    this.writeLocal(draft.fields, true);
  }

  /* The text in the box may just have been sent from another device. */
  onOwnMessage() {
    this.restoring ??= this.after(OWN_MESSAGE_DELAY_MS, () => {
      this.restoring = null;
      this.restore();
    });
  }

  /* Whether the draft `text` continues the text in the box, or that text was sent since. Other drafts must not replace
   * it. */
  continues(text = "") {
    const current = this.area.value.trim();
    const isSent = ({ dataset }) => Number(dataset.n) > (this.since ?? 0) && dataset.text?.startsWith(current);
    return text.startsWith(current) || (!text && this.room.ownMessages.some(isSent));
  }
}

customElements.define("room-draft", RoomDraft);
