/* <room-reply data-by> is the line in the composer that says which message is being answered: begun with the message's
 * own link, left with Escape or its link. `begin(n)` sets it, without words when that message is not on the page. */
class RoomReply extends HTMLElement {
  connectedCallback() {
    this.room = this.closest("live-room");
    this.form = this.closest("form");
    this.area = this.form.querySelector("textarea");
    this.room.addEventListener("click", (event) => this.press(event));
    this.form.addEventListener("keydown", (event) => event.key === "Escape" && this.number && this.leave(event));
    for (const name of ["room:sent", "room:edit"]) this.room.addEventListener(name, () => this.begin(0));
    this.room.addEventListener("room:written", ({ detail }) => this.begin(detail.re));
    this.room.addEventListener("room:filled", ({ target, detail }) => detail.n === this.number && this.draw(target));
  }

  get number() {
    return Number(this.form.elements.re.value);
  }

  press(event) {
    if (event.target.closest("room-reply a")) return this.leave(event);
    const message = event.target.closest("[data-word=reply] a") && event.target.closest("room-message");
    if (!message || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (this.closest("room-composer").dataset.number) this.closest("room-composer").leaveEdit();
    this.begin(Number(message.dataset.n));
    this.area.focus();
    this.tell();
  }

  leave(event) {
    event.preventDefault();
    this.begin(0);
    this.area.focus();
    this.tell();
  }

  begin(number) {
    this.form.elements.re.value = number || "";
    this.hidden = !number;
    const message = number && this.room.querySelector(`#message-${number}`);
    if (message) this.draw(message);
    else if (!number) this.say("", "");
  }

  draw(message) {
    const gone = message.classList.contains("message--gone");
    const words = message.querySelector(gone ? ".message__gone" : ".message__text").textContent;
    this.say(gone ? "" : message.querySelector(".message__author").textContent, words.trim().replace(/\s+/g, " ").slice(0, 120));
  }

  say(name, words) {
    this.querySelector(".composer__re-name").textContent = name;
    this.querySelector(".composer__re-words").textContent = words;
  }

  tell() {
    this.dispatchEvent(new CustomEvent("room:reply", { bubbles: true }));
  }
}

customElements.define("room-reply", RoomReply);
