/* <room-outbox data-store data-url ...words> holds what was sent and is not in the room's log yet: over the line, or
 * by a form when there is none, each time under the id it was given here, so that twice is once. It is kept on this
 * device until the room has it, and goes again in the order in which it was written. */
const AGAIN = [2, 5, 15, 30];

class RoomOutbox extends HTMLElement {
  connectedCallback() {
    if (this.items) return;
    const room = this.closest("live-room");
    this.items = new Map();
    const kept = Object.entries(localStorage).filter(([key]) => key.startsWith(this.dataset.store));
    const items = kept.map(([key, words]) => ({ ...JSON.parse(words), key, tries: 0 }));
    for (const item of items.sort((one, other) => (one.at ?? 0) - (other.at ?? 0))) {
      if (room.querySelector(`[data-cid="${item.cid}"]`)) localStorage.removeItem(item.key);
      else this.items.set(item.cid, item);
    }
    const about = (hear) => ({ detail }) => this.isConnected && this.items.has(detail.cid) && hear(this.items.get(detail.cid), detail);
    document.addEventListener("live:ack", about((item) => this.taken(item)));
    document.addEventListener("live:no", about((item, { why }) => this.refused(item, why)));
    document.addEventListener("live:busy", about((item) => this.later(item)));
    document.addEventListener("live:state", ({ detail }) => detail.state === "open" && this.isConnected && this.all());
    addEventListener("online", () => this.all());
    setTimeout(() => this.all(), 1500);
    this.items.forEach((item) => this.show(item));
  }

  put(words) {
    const cid = "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));
    const item = { ...words, cid, at: Date.now(), tries: 0 };
    this.items.set(cid, item);
    localStorage.setItem(this.dataset.store + cid, JSON.stringify(item));
    this.send(item);
    this.closest("live-room").toBottom();
  }

  all() {
    for (const item of this.items.values()) if (item.state !== "sent" && !item.why) this.send(item);
  }

  send(item) {
    clearTimeout(item.timer);
    Object.assign(item, { state: "sending", why: "" });
    this.show(item);
    const detail = { t: item.t, room: Number(this.dataset.room), n: item.n, text: item.text, cid: item.cid };
    if (document.dispatchEvent(new CustomEvent("live:say", { detail, cancelable: true }))) this.post(item);
    else item.timer = setTimeout(() => this.post(item), 8000);
  }

  async post(item) {
    const url = item.t === "edit" ? this.dataset.editUrl.replace("/0/", `/${item.n}/`) : this.dataset.url;
    const answer = await this.ask(url, { client_id: item.cid, text: item.text }).catch(() => null);
    if (!this.items.has(item.cid)) return;
    if (answer?.ok) this.taken(item);
    else if (answer?.status === 403) this.refused(item, (await answer.json().catch(() => ({}))).why);
    else this.later(item);
  }

  /* Signing in again in another tab changes the token: the cookie has the present one. */
  ask(url, fields) {
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
    const headers = { "X-CSRFToken": token, Accept: "application/json" };
    return fetch(url, { method: "POST", headers, body: new URLSearchParams(fields), redirect: "manual", signal: AbortSignal.timeout(8000) });
  }

  taken(item) {
    clearTimeout(item.timer);
    item.state = "sent";
    if (item.t === "edit") return this.arrived(item.cid);
    this.show(item);
    const { stream, number } = this.closest("live-room");
    document.dispatchEvent(new CustomEvent("live:follow", { detail: { stream, after: number } }));
  }

  refused(item, why) {
    clearTimeout(item.timer);
    Object.assign(item, { state: "unsent", why: why || this.dataset.refused });
    this.show(item);
  }

  later(item) {
    item.state = "unsent";
    this.show(item);
    item.timer = setTimeout(() => this.send(item), 1000 * AGAIN[Math.min(item.tries++, AGAIN.length - 1)]);
  }

  arrived(cid) {
    const item = this.items.get(cid);
    if (!item) return;
    clearTimeout(item.timer);
    item.node.remove();
    this.items.delete(cid);
    localStorage.removeItem(this.dataset.store + cid);
  }

  forget() {
    [...this.items.keys()].forEach((cid) => this.arrived(cid));
  }

  show(item) {
    item.node ??= this.make(item);
    item.node.dataset.state = item.state ?? "sending";
    item.node.querySelector(".pending__state").textContent = item.why || this.dataset[item.state ?? "sending"];
    item.node.querySelector(".pending__deeds").hidden = item.state !== "unsent";
  }

  make(item) {
    const node = this.querySelector("template").content.firstElementChild.cloneNode(true);
    node.querySelector(".pending__text").textContent = item.text;
    node.querySelector("[name=again]").addEventListener("click", () => this.send(item));
    node.querySelector("[name=back]").addEventListener("click", () => {
      this.arrived(item.cid);
      this.closest("live-room").querySelector("room-composer")?.write(item.text);
    });
    this.append(node);
    return node;
  }
}

customElements.define("room-outbox", RoomOutbox);
