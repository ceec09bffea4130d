import { readJson } from "js/lib/http.js";
import { Outbox } from "js/lib/outbox.js";
import { RoomPart } from "js/lib/room_part.js";

const FIRST_RETRY_MS = 1500;

/* <room-outbox data-store data-url data-edit-url ...texts> shows the messages that were sent and are not in the log yet
 * (lib/outbox.js), one <room-pending> each. It emits `room:delivered` when the server accepted or refused one. */
class RoomOutbox extends RoomPart {
  connected() {
    this.shown = new Map();
    this.outbox = new Outbox({
      prefix: this.dataset.store,
      sendLive: (command) => this.room.send(command),
      post: (item) => this.post(item),
      seenNumber: () => this.room.number,
      changed: (item) => this.show(item),
      removed: (item) => this.hide(item),
      delivered: (byPost) => this.delivered(byPost),
    });
    this.listen(document, "live:ack", ({ detail }) => this.outbox.acknowledge(detail.cid, detail.n));
    this.listen(document, "live:no", ({ detail }) => this.outbox.reject(detail.cid, detail.why || this.dataset.refused));
    this.listen(document, "live:busy", ({ detail }) => this.outbox.defer(detail.cid));
    this.listen(document, "live:state", ({ detail }) => {
      if (detail.state === "open") this.outbox.retryNow();
    });
    this.listen(window, "online", () => this.outbox.retryNow());
    this.outbox.restore();
    for (const { cid } of this.outbox.items) {
      if (this.room.querySelector(`[data-cid="${cid}"]`)) this.outbox.arrived(cid);
    }
    this.after(FIRST_RETRY_MS, () => {
      if (!this.outbox.isSending) this.outbox.retryNow();
    });
  }

  disconnected() {
    this.outbox.stop();
  }

  get isWaiting() {
    return this.outbox.items.length > 0;
  }

  add(message) {
    this.outbox.add(message);
    this.room.toBottom();
  }

  arrived(cid) {
    this.outbox.arrived(cid);
  }

  clear() {
    return this.outbox.clear();
  }

  async post({ t, n, cid, text, re, files = [] }) {
    const url = t === "edit" ? this.dataset.editUrl.replace("/0/", `/${n}/`) : this.dataset.url;
    const fields = [["client_id", cid], ["text", text], ["re", re ?? ""]];
    for (const { key, alt = "" } of files) fields.push(["files", key], [`alt-${key}`, alt]);
    const response = await this.room.post(url, fields);
    const answer = response && (await readJson(response));
    if (response?.ok) return { number: answer?.n };
    return response?.status === 403 ? { refused: answer?.why || this.dataset.refused } : null;
  }

  delivered(byPost) {
    this.emit("delivered");
    if (byPost) this.room.catchUp();
  }

  show(item) {
    const pending = this.shown.get(item.cid) ?? this.addPending(item);
    pending.render(item, this.dataset);
  }

  hide({ cid }) {
    this.shown.get(cid)?.remove();
    this.shown.delete(cid);
  }

  addPending(item) {
    const pending = this.querySelector("template").content.firstElementChild.cloneNode(true);
    this.append(pending);
    this.shown.set(item.cid, pending);
    pending.addEventListener("click", ({ target }) => this.press(target.name, item));
    return pending;
  }

  press(name, item) {
    if (name === "again") this.outbox.retry(item);
    else if (name === "back" && this.room.composer?.insert(item)) this.outbox.arrived(item.cid);
  }
}

customElements.define("room-outbox", RoomOutbox);
