import { ConnectedElement } from "js/lib/connected_element.js";
import { DraftStore, removeSentDrafts, sameFields } from "js/lib/draft_store.js";
import { csrfToken } from "js/lib/http.js";
import { SIGNED_OUT_KEY } from "js/lib/storage.js";

const FIELDS = "input:not([type=password], [type=file], [type=hidden], [type=submit]), textarea, select";
const SAVE_DELAY_MS = 1200;
const SUBMIT_AGAIN_MS = 5000;

/* <form-draft data-key data-place data-title data-url data-sign-in-url ...texts> in a form saves a draft of its fields and
 * restores it on the next visit. Submitting saves the draft first, so that a dead connection or an ended session is
 * reported here, beside the text, and the page is not left; whatever else happens to the draft, the form is submitted.
 * The server deletes the draft of a form that it accepted. `data-state` is restoring, ready, typing, saved, device (the
 * account does not have it), signed-out or failed (not submitted). The form gets `draft:restore` {fields} before its
 * fields are set, so that an element can add those it lacks; one that comes later sends the form `draft:late`. */
class FormDraft extends ConnectedElement {
  connected() {
    const { key, place, title, url } = this.dataset;
    this.form = this.closest("form");
    this.store = new DraftStore({ key: `draft ${key} ${place}`, url, place, title });
    this.listen(this.form, "input", () => this.changed());
    this.listen(this.form, "submit", (event) => this.submit(event));
    this.listen(this.form, "draft:late", () => this.restored && (this.fields = this.restored));
    this.listen(window, "pageshow", () => (this.busy = false));
    this.listen(window, "pagehide", () => this.keepOwnText());
    this.listen(window, "storage", ({ key: changed }) => {
      if (changed === SIGNED_OUT_KEY) this.touched = false;
    });
    removeSentDrafts();
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
    this.form.dispatchEvent(new CustomEvent("draft:restore", { detail: { fields } }));
    for (const field of this.form.querySelectorAll(FIELDS)) {
      if (!(field.name in fields) && /radio|select/.test(field.type)) continue; /* keeps the initial value */
      const value = fields[field.name] ?? "";
      if (/checkbox|radio/.test(field.type)) field.checked = value.split("\n").includes(field.value);
      else field.value = value;
      field.dispatchEvent(new Event("restored"));
    }
    for (const fold of this.form.querySelectorAll("details")) fold.open ||= [...fold.querySelectorAll(FIELDS)].some(isFilled);
  }

  changed() {
    this.touched = true;
    this.restored = null;
    this.dataset.state = "typing";
    this.store.writeLocal(this.fields);
    this.saveLater();
  }

  saveLater() {
    this.cancel(this.timer);
    this.timer = this.after(SAVE_DELAY_MS, () => this.save());
  }

  /* Resolves to the result of DraftStore.save(), which is shown, with where the text is kept now. */
  async save() {
    const { fields } = this;
    this.touched = true;
    this.onDevice = this.store.writeLocal(fields);
    const result = await this.store.save(fields);
    if (result === "saved") this.show(this.dataset.saved.replace("{time}", formatTime(new Date())), "saved");
    else if (result === "signed-out") this.showSignedOut(this.dataset.signedOut, "signed-out");
    else this.show(this.whereKept, "device");
    return result;
  }

  get whereKept() {
    return this.onDevice ? this.dataset.device : this.dataset.box;
  }

  async submit(event) {
    const hasText = [...this.form.querySelectorAll(FIELDS)].some((field) => /^text/.test(field.type) && field.value.trim());
    if (this.sending || !hasText) return;
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    this.cancel(this.timer);
    const result = await this.save();
    const { unsent, signedOut, unreachable } = this.dataset;
    if (result === "signed-out") this.showSignedOut(`${unsent} ${signedOut}`, "failed");
    if (result === "unreachable") this.show(`${unsent} ${unreachable} ${this.whereKept}`, "failed");
    if (result === "signed-out" || result === "unreachable") {
      this.busy = false;
      return;
    }
    if (result === "refused") this.store.writeLocal(this.fields, false, this.form.elements.client_id?.value);
    const token = this.form.elements.csrfmiddlewaretoken;
    token.value = csrfToken() || token.value;
    this.sending = true;
    this.form.requestSubmit(event.submitter);
    this.sending = false;
    /* The page may stay: the answer is slow, and the reader stopped it. Submitting twice is idempotent. */
    this.after(SUBMIT_AGAIN_MS, () => (this.busy = false));
  }

  /* Another tab with the same form may have sent or changed the draft; the text of this one is kept too. */
  keepOwnText() {
    const { fields } = this;
    if (!this.touched || this.busy || "signedOut" in document.documentElement.dataset) return;
    if (Object.keys(fields).length && !sameFields(this.store.local?.fields, fields)) this.store.writeLocal(fields);
  }

  async restore() {
    /* The page was opened to quote something, which the server put behind the draft of the account. */
    if (new URLSearchParams(location.search).has("quote") && (this.store.local?.synced ?? true)) {
      this.changed();
      return;
    }
    this.dataset.state = "restoring";
    const draft = await this.newestDraft();
    if (this.touched) return;
    this.dataset.state = "ready";
    if (!draft) this.store.removeLocal();
    if (!draft || sameFields(draft.fields, this.fields)) return;
    this.restored = draft.fields;
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
    this.touched = false;
    this.restored = null;
    this.form.reset();
    this.store.discard();
    this.show("", "ready");
    const first = this.form.querySelector(FIELDS);
    (first.closest("rich-text") ?? first).focus();
  }

  show(text, state) {
    this.dataset.state = state;
    this.textContent = text;
  }

  showSignedOut(text, state) {
    const { signIn, signInUrl } = this.dataset;
    this.show(`${text} ${this.whereKept} `, state);
    const link = document.createElement("a");
    Object.assign(link, { href: signInUrl, target: "_blank", textContent: signIn });
    this.append(link);
  }
}

/* The first choice of a list says nothing. */
function isFilled(field) {
  return field.value !== (field.options?.[0].value ?? "");
}

function formatTime(moment) {
  const dateStyle = moment.toDateString() === new Date().toDateString() ? undefined : "medium";
  return moment.toLocaleString(document.documentElement.lang, { dateStyle, timeStyle: "short", hourCycle: "h23" });
}

customElements.define("form-draft", FormDraft);
