import { readJson } from "js/lib/http.js";
import { newId } from "js/lib/ids.js";
import { RoomPart } from "js/lib/room_part.js";

const MAX_ATTEMPTS = 3;
const BUSY_DELAY_MS = 2000;
const ACTION_TIMEOUT_MS = 8000;

/* <room-actions> performs actions of one click, such as marking or withdrawing a message: over the socket, or by HTTP
 * when that does not answer. The result is received with the room's log; a failure is shown by the room. */
class RoomActions extends RoomPart {
  connected() {
    this.pending = new Map();
    this.listen(document, "live:ack", ({ detail }) => this.pending.delete(detail.cid));
    this.listen(document, "live:no", ({ detail }) => {
      if (this.pending.delete(detail.cid)) this.room.showFailure(detail.why);
    });
    this.listen(document, "live:busy", ({ detail }) => {
      if (this.pending.has(detail.cid)) this.after(BUSY_DELAY_MS, () => this.send(detail.cid));
    });
  }

  /* `url` and `fields` are the HTTP fallback of the socket command. */
  perform(command, url, fields = {}) {
    const cid = newId();
    this.pending.set(cid, { command: { ...command, cid }, url, fields: { ...fields, client_id: cid }, attempts: 0 });
    this.send(cid);
  }

  send(cid) {
    const action = this.pending.get(cid);
    if (!action) return;
    action.attempts += 1;
    if (action.attempts > MAX_ATTEMPTS) {
      this.pending.delete(cid);
      this.room.showFailure();
    } else if (this.room.send(action.command)) this.after(ACTION_TIMEOUT_MS, () => this.post(cid));
    else this.post(cid);
  }

  async post(cid) {
    const action = this.pending.get(cid);
    if (!this.pending.delete(cid)) return;
    const response = await this.room.post(action.url, action.fields);
    if (response?.ok) this.room.catchUp();
    else this.room.showFailure(response?.status === 403 && (await readJson(response))?.why);
  }
}

customElements.define("room-actions", RoomActions);
