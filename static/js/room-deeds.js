/* <room-deeds> does what is asked for with one press, as to mark a message or to take it back: over the
 * line, or by a form where there is none. What was done comes back with the room's log; what could not be done is
 * said where the room says how it stands. */
class RoomDeeds extends HTMLElement {
  connectedCallback() {
    this.room = this.closest("live-room");
    this.asked = new Map();
    const about = (hear) => ({ detail }) => this.asked.has(detail.cid) && hear(detail);
    document.addEventListener("live:ack", about(({ cid }) => this.asked.delete(cid)));
    document.addEventListener("live:no", about(({ cid, why }) => this.asked.delete(cid) && this.room.fail(why)));
    document.addEventListener("live:busy", about(({ cid }) => setTimeout(() => this.say(cid), 2000)));
  }

  /* What is said over the line, and the form that says the same. */
  ask(words, url, fields = {}) {
    const cid = this.room.newId();
    this.asked.set(cid, { words: { ...words, cid }, url, fields: { ...fields, client_id: cid }, tries: 4 });
    this.say(cid);
  }

  say(cid) {
    const asked = this.asked.get(cid);
    if (!asked) return;
    if (!(asked.tries -= 1)) return this.room.fail(void this.asked.delete(cid));
    if (this.room.say(asked.words)) setTimeout(() => this.post(cid), 8000);
    else this.post(cid);
  }

  async post(cid) {
    const asked = this.asked.get(cid);
    if (!this.asked.delete(cid)) return;
    const answer = await this.room.querySelector("room-outbox").ask(asked.url, asked.fields).catch(() => null);
    const { stream, number } = this.room;
    if (answer?.ok) document.dispatchEvent(new CustomEvent("live:follow", { detail: { stream, after: number } }));
    else this.room.fail(answer?.status === 403 && (await answer.json().catch(() => ({}))).why);
  }
}

customElements.define("room-deeds", RoomDeeds);
