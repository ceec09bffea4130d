import { isSignedOut, readJson, request } from "js/lib/http.js";
import { deviceStorage } from "js/lib/storage.js";

/* A draft is an object of form fields. It is stored on this device at once and on the account when save() is called.
 * `synced` means that the account has the same fields as the device; a synced draft without fields is no draft. */
export class DraftStore {
  constructor({ key, url, place, title, keepalive = false, storage = deviceStorage, send = request }) {
    Object.assign(this, { key, url, place, title, keepalive, storage, send });
  }

  /* {fields, at, synced, sent}, or null. */
  get local() {
    return this.storage.read(this.key);
  }

  /* `sent` is the id of the form that is being submitted with these fields; see removeSentDrafts(). Returns whether the
   * device keeps the draft when the page is left. */
  writeLocal(fields, synced = false, sent = undefined) {
    if (synced && !Object.keys(fields).length) {
      this.removeLocal();
      return true;
    }
    return this.storage.write(this.key, { fields, synced, sent, at: new Date().toISOString() });
  }

  removeLocal() {
    this.storage.remove(this.key);
  }

  /* Resolves to "saved", "signed-out", "unreachable", or "refused": the account did not take the draft (it is too long,
   * the server has an error or did not answer in time), which says nothing about the form itself. Fields changed
   * meanwhile stay unsynced. */
  async save(fields) {
    const { place, title, keepalive } = this;
    const response = await this.send(this.url, { method: "POST", json: { place, title, fields }, keepalive });
    if (!response) return "unreachable";
    if (isSignedOut(response)) return "signed-out";
    if (!response.ok) return "refused";
    if (sameFields(this.local?.fields, fields)) this.writeLocal(fields, true);
    return "saved";
  }

  /* The draft of the account: {fields, at}; without fields and with `at` null when there is none. Null when the server
   * could not be reached. */
  async load() {
    const response = await this.send(this.#draftUrl);
    const draft = response?.ok ? await readJson(response) : null;
    return draft && { fields: draft.fields, at: draft.saved_at };
  }

  discard() {
    this.removeLocal();
    return this.send(this.#draftUrl, { method: "DELETE" });
  }

  get #draftUrl() {
    return `${this.url}?place=${encodeURIComponent(this.place)}`;
  }
}

/* Independent of the order of the names. */
export function sameFields(one, other) {
  const sorted = (fields) => JSON.stringify(Object.entries(fields ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
  return sorted(one) === sorted(other);
}

/* Remove the draft of the form that the server accepted last: its id is in the cookie `sent`. Needed only where the
 * account did not have the draft; otherwise the server deletes it there. */
export function removeSentDrafts(storage = deviceStorage) {
  const id = document.cookie.match(/(?:^|; )sent=([^;]+)/)?.[1];
  if (!id) return;
  for (const key of storage.keys((name) => name.startsWith("draft "))) {
    if (storage.read(key)?.sent === id) storage.remove(key);
  }
}
