import { ConnectedElement } from "js/lib/connected_element.js";
import { DraftStore, sameFields } from "js/lib/draft_store.js";
import { csrfToken } from "js/lib/http.js";

const FIELDS = "input:not([type=password], [type=file], [type=hidden], [type=submit]), textarea, select";
const SAVE_DELAY_MS = 1200;

/* <form-draft data-key data-place data-title data-url ...texts> in a form saves a draft of its fields and restores it on
 * the next visit. The form is submitted only after the draft was saved, so that a dead connection or an ended session is
 * reported here, beside the text, and the page is not left. The server deletes the draft of a form that it accepted.
 * `data-state` is restoring, ready, typing, saved, device, signed-out or failed. */
class FormDraft extends ConnectedElement {
  connected() {
    const { key, place, title, url } = this.dataset;
    this.form = this.closest("form");
    this.store = new DraftStore({ key: `draft ${key} ${place}`, url, place, title });
    this.listen(this.form, "input", () => this.changed());
    this.listen(this.form, "submit", (event) => this.submit(event));
    this.listen(window, "pageshow", () => (this.busy = false));
    if (this.form.querySelector(".form__summary")) this.dataset.state = "ready";
    else this.restore();
  }

  get fields() {
    const fields = {};
    for (const field of this.form.querySelectorAll(FIELDS)) {
      if (!field.name || field.value === "" || (/checkbox|radio/.test(field.type) && !field.checked)) continue;
      fields[field.name] = field.name in fields ? `${fields[field.name]}\n${field.value}` : field.value;
    }
    return fields;
  }

  set fields(fields) {
    for (const field of this.form.querySelectorAll(FIELDS)) {
      if (!(field.name in fields) && /radio|select/.test(field.type)) continue; /* keeps the initial value */
      const value = fields[field.name] ?? "";
      if (/checkbox|radio/.test(field.type)) field.checked = value.split("\n").includes(field.value);
      else field.value = value;
    }
  }

  changed() {
    this.touched = true;
    this.dataset.state = "typing";
    this.store.writeLocal(this.fields);
    this.cancel(this.timer);
    this.timer = this.after(SAVE_DELAY_MS, () => this.save());
  }

  /* Resolves to whether the form may be submitted now. */
  async save() {
    const { saved, device, signedOut } = this.dataset;
    const { fields } = this;
    this.touched = true;
    this.store.writeLocal(fields);
    const result = await this.store.save(fields);
    if (result === "saved") this.show(saved.replace("{time}", formatTime(new Date())), "saved");
    else this.show(result === "signed-out" ? signedOut : device, result === "signed-out" ? "signed-out" : "device");
    return result === "saved" || result === "refused";
  }

  async submit(event) {
    const hasText = [...this.form.querySelectorAll(FIELDS)].some((field) => /^text/.test(field.type) && field.value.trim());
    if (this.sending || !hasText) return;
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    this.cancel(this.timer);
    if (!(await this.save())) {
      this.busy = false;
      this.show(`${this.dataset.unsent} ${this.textContent}`, "failed");
      return;
    }
    const token = this.form.querySelector("[name=csrfmiddlewaretoken]");
    token.value = csrfToken() || token.value;
    this.sending = true;
    this.form.requestSubmit(event.submitter);
    this.sending = false;
  }

  async restore() {
    this.dataset.state = "restoring";
    const draft = await this.newestDraft();
    if (this.touched) return;
    this.dataset.state = "ready";
    if (!draft) this.store.removeLocal();
    if (!draft || sameFields(draft.fields, this.fields)) return;
    this.fields = draft.fields;
    this.show(this.dataset.restored.replace("{time}", formatTime(new Date(draft.at))), "ready");
    const discard = document.createElement("button");
    Object.assign(discard, { type: "button", className: "button button--link", textContent: this.dataset.discard });
    discard.addEventListener("click", () => this.discard());
    this.append(discard);
  }

  /* The unsynced local draft; else the draft of the account; else, if the server cannot be reached, the local copy. */
  async newestDraft() {
    const { local } = this.store;
    if (local && !local.synced) return local;
    const remote = await this.store.load();
    if (!remote) return local;
    return remote.at ? remote : null;
  }

  discard() {
    this.form.reset();
    this.store.discard();
    this.show("", "ready");
    this.form.querySelector(FIELDS).focus();
  }

  show(text, state) {
    this.dataset.state = state;
    this.textContent = text;
  }
}

function formatTime(moment) {
  const dateStyle = moment.toDateString() === new Date().toDateString() ? undefined : "medium";
  return moment.toLocaleString(document.documentElement.lang, { dateStyle, timeStyle: "short", hourCycle: "h23" });
}

customElements.define("form-draft", FormDraft);
