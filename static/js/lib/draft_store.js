import { isSignedOut, readJson, request } from "js/lib/http.js";
import { deviceStorage } from "js/lib/storage.js";

/* A draft is an object of form fields. It is stored on this device at once and on the account when save() is called.
 * `synced` means that the account has the same fields as the device; a synced draft without fields is no draft. */
export class DraftStore {
  constructor({ key, url, place, title, keepalive = false, storage = deviceStorage, send = request }) {
    Object.assign(this, { key, url, place, title, keepalive, storage, send });
  }

  /* {fields, at, synced}, or null. */
  get local() {
    return this.storage.read(this.key);
  }

  writeLocal(fields, synced = false) {
    if (synced && !Object.keys(fields).length) this.removeLocal();
    else this.storage.write(this.key, { fields, synced, at: new Date().toISOString() });
  }

  removeLocal() {
    this.storage.remove(this.key);
  }

  /* Resolves to "saved", "refused" (for example too long), "signed-out" or "unreachable". Fields changed meanwhile stay
   * unsynced. */
  async save(fields) {
    const { place, title, keepalive } = this;
    const response = await this.send(this.url, { method: "POST", json: { place, title, fields }, keepalive });
    if (!response || response.status >= 500) return "unreachable";
    if (isSignedOut(response) || response.status === 403) return "signed-out";
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
