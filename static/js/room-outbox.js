/* <room-outbox data-store data-url ...words> holds what was sent and is not in the room's log yet: over the line, or
 * by a form when there is none, each time under the id it was given here, so that twice is once. One goes at a time, so
 * that nothing overtakes what was written before it. All is kept on this device until the room has it. */
const AGAIN = [2, 5, 15, 30];

class RoomOutbox extends HTMLElement {
  connectedCallback() {
    if (this.items) return;
    this.room = this.closest("live-room");
    this.tries = 0;
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(this.dataset.store));
    const kept = keys.map((key) => JSON.parse(localStorage.getItem(key))).sort((one, other) => (one.at ?? 0) - (other.at ?? 0));
    this.items = new Map(kept.map((item) => [item.cid, item]));
    this.items.forEach((item) => this.show(item));
    for (const { cid } of kept) if (this.room.querySelector(`[data-cid="${cid}"]`)) this.arrived(cid);
    const about = (hear) => ({ detail }) => this.isConnected && this.items.has(detail.cid) && hear(this.items.get(detail.cid), detail);
    document.addEventListener("live:ack", about((item, { n }) => this.taken(item, n)));
    document.addEventListener("live:no", about((item, { why }) => this.refused(item, why)));
    document.addEventListener("live:busy", about((item) => this.later(item)));
    document.addEventListener("live:state", ({ detail }) => detail.state === "open" && this.now());
    addEventListener("online", () => this.now());
    setTimeout(() => this.going || this.now(), 1500);
  }

  put(words) {
    const item = { ...words, cid: this.room.newId(), at: Date.now() };
    this.items.set(item.cid, item);
    localStorage.setItem(this.dataset.store + item.cid, JSON.stringify(item));
    this.show(item);
    this.room.toBottom();
    if (!this.waits) this.next();
  }

  /* Whatever was on its way may be lost with the old line. */
  now() {
    if (this.isConnected) this.next((this.going = null));
  }

  next() {
    if (this.going) return;
    this.waits = clearTimeout(this.timer);
    const item = [...this.items.values()].find(({ state, why }) => state !== "sent" && !why);
    if (!item) return;
    this.show(Object.assign((this.going = item), { state: "sending" }));
    const { t, n, text, cid, re } = item;
    if (this.room.say({ t, n, text, cid, re })) this.timer = setTimeout(() => this.post(item), 8000);
    else this.post(item);
  }

  async post(item) {
    const url = item.t === "edit" ? this.dataset.editUrl.replace("/0/", `/${item.n}/`) : this.dataset.url;
    const answer = await this.ask(url, { client_id: item.cid, text: item.text, re: item.re ?? "" }).catch(() => null);
    const said = await answer?.json().catch(() => ({}));
    if (!this.items.has(item.cid)) return;
    if (answer?.ok) this.taken(item, said.n, true);
    else if (answer?.status === 403) this.refused(item, said.why);
    else if (this.going === item) this.later(item);
  }

  /* Signing in again in another tab changes the token: the cookie has the present one. */
  ask(url, fields) {
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
    const headers = { "X-CSRFToken": token, Accept: "application/json" };
    return fetch(url, { method: "POST", headers, body: new URLSearchParams(fields), redirect: "manual", signal: AbortSignal.timeout(8000) });
  }

  /* What has a number the page has come to is in the log, if further back than the page shows. */
  taken(item, n, posted) {
    const { stream, number } = this.room;
    item.state = "sent";
    if (item.t === "edit" || n <= number) return this.arrived(item.cid);
    this.show(item);
    this.done(item);
    if (posted) document.dispatchEvent(new CustomEvent("live:follow", { detail: { stream, after: number } }));
  }

  refused(item, why) {
    this.show(Object.assign(item, { state: "unsent", why: why || this.dataset.refused }));
    this.done(item);
  }

  later(item) {
    if (item.state === "sent") return;
    this.going = null;
    for (const one of this.items.values()) if (one.state !== "sent") this.show(Object.assign(one, { state: "unsent" }));
    clearTimeout(this.timer);
    this.waits = true;
    this.timer = setTimeout(() => this.next(), 1000 * AGAIN[Math.min(this.tries++, AGAIN.length - 1)]);
  }

  arrived(cid) {
    const item = this.items.get(cid);
    if (!item) return;
    item.node.remove();
    this.items.delete(cid);
    localStorage.removeItem(this.dataset.store + cid);
    this.done(item);
  }

  done(item) {
    this.tries = 0;
    this.dispatchEvent(new CustomEvent("room:taken", { bubbles: true }));
    if (this.going === item) this.next((this.going = null));
  }

  forget() {
    const unsent = [...this.items.values()].filter(({ state }) => state !== "sent");
    for (const cid of this.items.keys()) localStorage.removeItem(this.dataset.store + cid);
    this.items.clear();
    return unsent.map(({ text }) => text);
  }

  show(item) {
    item.node ??= this.appendChild(this.querySelector("template").content.firstElementChild.cloneNode(true));
    item.node.show(item, this.dataset);
    item.node.onclick = ({ target }) => this.press(target.name, item);
  }

  press(name, item) {
    if (name === "again") this.now(delete item.why);
    else if (name === "back" && this.room.querySelector("room-composer")?.write(item.text, item.re)) this.arrived(item.cid);
  }
}

customElements.define("room-outbox", RoomOutbox);
