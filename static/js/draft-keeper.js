/* <draft-keeper data-key data-place data-title data-url ...words> in a form keeps what is typed there: on this device
 * at once, on the account (data-url) a moment later. On the next visit it is put back. Sending waits for the account's
 * answer, so that a dead line or a lost session is told here, beside the text, and the page is not left. The server
 * forgets the draft of a form it has taken; what was on the account and is gone from it is done with here too. */
const KEPT = "input:not([type=password], [type=file], [type=hidden], [type=submit]), textarea, select";

class DraftKeeper extends HTMLElement {
  connectedCallback() {
    this.form = this.closest("form");
    this.store = `draft ${this.dataset.key} ${this.dataset.place}`;
    this.form.addEventListener("input", () => this.changed());
    this.form.addEventListener("submit", (event) => this.send(event));
    addEventListener("pageshow", () => (this.busy = false));
    if (!this.form.querySelector(".form__summary")) this.restore();
  }

  get fields() {
    const fields = {};
    for (const one of this.form.querySelectorAll(KEPT)) {
      if (!one.name || one.value === "" || (/checkbox|radio/.test(one.type) && !one.checked)) continue;
      fields[one.name] = one.name in fields ? `${fields[one.name]}\n${one.value}` : one.value;
    }
    return fields;
  }

  set fields(fields) {
    for (const one of this.form.querySelectorAll(KEPT)) {
      if (!(one.name in fields) && /radio|select/.test(one.type)) continue; /* begun elsewhere: the form's own stands */
      const value = fields[one.name] ?? "";
      if (/checkbox|radio/.test(one.type)) one.checked = value.split("\n").includes(one.value);
      else one.value = value;
    }
  }

  changed() {
    this.keep({ fields: this.fields, at: new Date().toISOString(), synced: false });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), 1200);
  }

  async save() {
    const { fields, dataset: { place, title, url, saved, device, signedOut } } = this;
    try {
      const answer = await this.ask("POST", url, { place, title, fields });
      if (answer.status >= 500) throw answer;
      if (answer.type === "opaqueredirect" || answer.status === 403) return this.say(signedOut, false);
      this.keep({ fields, at: new Date().toISOString(), synced: answer.ok });
      return this.say(answer.ok ? saved.replace("{time}", this.time(new Date())) : device, true);
    } catch {
      return this.say(device, false);
    }
  }

  async send(event) {
    const written = [...this.form.querySelectorAll(KEPT)].some((one) => /^text/.test(one.type) && one.value.trim());
    if (this.sending || !written) return;
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    clearTimeout(this.timer);
    if (!(await this.save())) {
      this.busy = false;
      return this.say(`${this.dataset.unsent} ${this.textContent}`, false, "failed");
    }
    this.sending = true;
    this.form.requestSubmit(event.submitter);
    this.sending = false;
  }

  async restore() {
    let kept = JSON.parse(localStorage.getItem(this.store) || "null");
    if (!kept || kept.synced) {
      const answer = await this.ask("GET", `${this.dataset.url}?place=${encodeURIComponent(this.dataset.place)}`).catch(() => null);
      const remote = answer?.ok && (await answer.json());
      if (remote) kept = remote.saved_at && { fields: remote.fields, at: remote.saved_at };
    }
    if (!kept) return localStorage.removeItem(this.store);
    if (this.touched || JSON.stringify(kept.fields) === JSON.stringify(this.fields)) return;
    this.fields = kept.fields;
    this.say(this.dataset.restored.replace("{time}", this.time(new Date(kept.at))));
    const discard = document.createElement("button");
    Object.assign(discard, { type: "button", className: "button button--link", textContent: this.dataset.discard });
    discard.addEventListener("click", () => this.discard());
    this.append(discard);
  }

  discard() {
    this.form.reset();
    localStorage.removeItem(this.store);
    this.ask("DELETE", `${this.dataset.url}?place=${encodeURIComponent(this.dataset.place)}`).catch(() => null);
    this.say("");
    this.form.querySelector(KEPT).focus();
  }

  /* Signing in again in another tab changes the token of the session: the cookie has the present one. */
  ask(method, url, body) {
    const token = this.form.querySelector("[name=csrfmiddlewaretoken]");
    token.value = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? token.value;
    const headers = { "X-CSRFToken": token.value, "Content-Type": "application/json", Accept: "application/json" };
    return fetch(url, { method, headers, body: body && JSON.stringify(body), redirect: "manual", signal: AbortSignal.timeout(8000) });
  }

  keep(draft) {
    this.touched = true;
    localStorage.setItem(this.store, JSON.stringify(draft));
  }

  say(words, result, state = "") {
    this.dataset.state = state;
    this.textContent = words;
    return result;
  }

  time(moment) {
    const dateStyle = moment.toDateString() === new Date().toDateString() ? undefined : "medium";
    return moment.toLocaleString(document.documentElement.lang, { dateStyle, timeStyle: "short", hourCycle: "h23" });
  }
}

customElements.define("draft-keeper", DraftKeeper);
/* Who signs out leaves nothing on a shared device; the account has it. */
addEventListener("submit", ({ target }) => {
  const drafts = target.matches(".leave") ? Object.keys(localStorage).filter((name) => name.startsWith("draft ")) : [];
  drafts.forEach((name) => localStorage.removeItem(name));
});
