/* <room-draft data-store data-place data-title data-url> in the composer keeps what is being written: on this device
 * at once, on the account (data-url) a moment later, so that it goes on on another. What was sent is done with on the
 * account when the room has it; what is gone from the account is done with here too, and what another tab or device
 * has begun stays and is gone on with. A change of a message is kept by <room-composer>. */
class RoomDraft extends HTMLElement {
  connectedCallback() {
    this.room = this.closest("live-room");
    this.composer = this.closest("room-composer");
    this.form = this.closest("form");
    this.area = this.form.querySelector("textarea");
    this.there = Boolean(this.area.value); /* whether the account has anything */
    this.form.addEventListener("input", () => this.changed());
    for (const name of ["room:written", "room:reply"]) this.room.addEventListener(name, () => this.changed());
    this.room.addEventListener("room:sent", () => this.sent());
    this.room.addEventListener("room:taken", () => this.there && !this.timer && this.save());
    document.addEventListener("visibilitychange", () => this.isConnected && (document.hidden ? this.timer && this.save() : this.restore()));
    this.area.addEventListener("focus", () => this.area.value || this.restore());
    /* One's own message may have been sent from elsewhere, and be what stands here. */
    const look = () => (this.looks ??= setTimeout(() => this.restore((this.looks = null)), 3000));
    this.room.addEventListener("room:filled", ({ target }) => target.mine && this.area.value && look());
    this.begin();
    this.composer.goOn();
  }

  begin() {
    if (this.composer.dataset.number || this.composer.querySelector("[role=alert]")) return;
    const kept = this.kept;
    if (!kept || kept.synced) return this.keep(this.fields, true);
    this.put({ re: this.form.elements.re.value, ...kept.fields });
    if (kept.fields.text || !this.room.querySelector("room-pending")) this.later();
  }

  get kept() {
    return JSON.parse(localStorage.getItem(this.dataset.store) ?? "null");
  }

  get text() {
    return this.kept?.fields.text;
  }

  get fields() {
    const { text, re } = this.form.elements;
    return text.value ? { text: text.value, ...(re?.value && { re: re.value }) } : {};
  }

  keep(fields, synced) {
    if (this.forgotten) return;
    this.mine = fields.text;
    if (synced && !fields.text) localStorage.removeItem(this.dataset.store);
    else localStorage.setItem(this.dataset.store, JSON.stringify({ fields, synced }));
  }

  put({ text = "", re }) {
    this.mine = text;
    this.since = this.room.number;
    if (this.area.value !== text) this.area.value = text;
    this.composer.querySelector("room-reply")?.begin(Number(re));
  }

  changed() {
    if (this.composer.dataset.number) return;
    this.since = this.room.number;
    this.keep(this.fields, false);
    this.later();
  }

  /* Gives what was not sent. */
  forget() {
    const unsent = new Set([this.text, this.area.value]);
    this.forgotten = true;
    clearTimeout(this.timer);
    for (const name of [this.dataset.store, this.composer.change]) localStorage.removeItem(name);
    return [...unsent].filter(Boolean);
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), 1500);
  }

  /* Empty on this device at once; on the account when the room has it. What another tab has begun stays. */
  sent() {
    this.timer = clearTimeout(this.timer);
    if (this.text && this.text !== this.mine) this.there = false;
    else this.keep({}, !this.there);
  }

  async save() {
    this.timer = clearTimeout(this.timer);
    const { fields, dataset: { place, title, url } } = this;
    if (this.composer.dataset.number) return;
    if (!fields.text && !this.there) return this.keep(fields, true);
    const answer = await this.ask("POST", url, { place, title, fields }).catch(() => null);
    if (answer?.ok) this.there = Boolean(fields.text);
    if (!answer?.ok) return;
    if (JSON.stringify(fields) === JSON.stringify(this.fields)) this.keep(fields, true);
    else this.later();
  }

  /* Come back to this page: another device may have gone on meanwhile. */
  async restore() {
    if (this.composer.dataset.number || this.timer || this.kept?.synced === false) return;
    const answer = await this.ask("GET", `${this.dataset.url}?place=${encodeURIComponent(this.dataset.place)}`).catch(() => null);
    const draft = answer?.ok && (await answer.json());
    if (!draft || this.composer.dataset.number || this.timer || this.kept?.synced === false || !this.goesOn(draft.fields.text)) return;
    this.there = Boolean(draft.fields.text);
    if (JSON.stringify(draft.fields) !== JSON.stringify(this.fields)) this.put(draft.fields);
    this.keep(draft.fields, true);
  }

  /* Whether what is kept is what stands here, gone on with or sent; other words do not take the place of these. */
  goesOn(kept = "") {
    const here = this.area.value.trim();
    const isSince = ({ dataset }) => Number(dataset.n) > (this.since ?? 0) && dataset.text?.startsWith(here);
    return kept.startsWith(here) || (!kept && [...this.room.querySelectorAll(".message--mine")].some(isSince));
  }

  ask(method, url, body) {
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
    const headers = { "X-CSRFToken": token, "Content-Type": "application/json", Accept: "application/json" };
    return fetch(url, { method, headers, keepalive: true, body: body && JSON.stringify(body), redirect: "manual", signal: AbortSignal.timeout(8000) });
  }
}

customElements.define("room-draft", RoomDraft);
