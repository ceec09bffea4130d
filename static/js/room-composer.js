/* <room-composer data-number> holds the form a message is written in. Enter sends, Shift and Enter make a new line,
 * Escape leaves a change. A question is offered as a question before it goes to the room. What is sent is given to
 * <room-outbox>; what is being written is kept by <room-draft>. It tells the room of `room:typing`, of `room:written`
 * {text, re} when it put something into the box by itself, and of `room:sent`. */
class RoomComposer extends HTMLElement {
  connectedCallback() {
    this.room = this.closest("live-room");
    this.form = this.querySelector("form");
    this.area = this.querySelector("textarea");
    this.offer = this.querySelector(".composer__offer");
    this.editLine = this.querySelector(".composer__edit");
    this.area.addEventListener("keydown", (event) => this.key(event));
    this.area.addEventListener("input", () => this.typed());
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.editLine.addEventListener("click", (event) => event.target.closest("a") && (event.preventDefault(), this.leaveEdit()));
    this.room.addEventListener("room:edit", ({ detail }) => this.edit(detail));
  }

  key(event) {
    if (event.key === "Escape" && this.dataset.number) return event.preventDefault(), this.leaveEdit();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.form.requestSubmit(this.offer && !this.offer.hidden ? this.offer.querySelector("[name=sure]") : null);
  }

  typed() {
    const { number } = this.dataset;
    if (number) localStorage.setItem(this.change, JSON.stringify({ n: number, text: this.area.value }));
    if (this.offer) this.offer.hidden = true;
    this.tell("room:typing");
  }

  submit(event) {
    const text = this.area.value.trim();
    if (event.submitter?.name === "ask" && this.reached) return this.tell("room:sent", (this.reached = false));
    event.preventDefault();
    if (event.submitter?.name === "ask") return this.ask(event.submitter);
    if (!text) return this.area.focus();
    const number = Number(this.dataset.number);
    const asks = this.offer && !number && text.endsWith("?") && event.submitter?.name !== "sure";
    if (asks) return (this.offer.hidden = false);
    const re = Number(this.form.elements.re?.value) || undefined;
    this.room.querySelector("room-outbox").put(number ? { t: "edit", n: number, text } : { t: "send", text, re });
    if (number) return this.leaveEdit();
    if (this.offer) this.offer.hidden = true;
    this.area.value = "";
    this.tell("room:sent");
    this.area.focus();
  }

  /* Leads to another page with what was written, once it is sure that there is one. */
  async ask(button) {
    const answer = await fetch(this.form.action, { method: "HEAD", redirect: "manual" }).catch(() => null);
    if ((this.reached = Boolean(answer?.ok))) return this.form.requestSubmit(button);
    this.room.fail(answer?.type === "opaqueredirect" && this.room.dataset.ended);
  }

  /* Before what stands in the box already. Nothing is put into a change; whether it was put. */
  write(text, re) {
    this.area.focus();
    if (this.dataset.number) return false;
    this.area.value = [text, this.area.value].filter(Boolean).join("\n\n");
    this.tell("room:written", { text: this.area.value, re: re ?? this.form.elements.re?.value });
    return true;
  }

  edit({ n, text }, again = false) {
    if (this.offer) this.offer.hidden = true;
    this.dataset.number = n;
    this.area.value = text;
    this.editLine.hidden = false;
    if (!again) this.area.focus();
  }

  /* Where a change is kept on this device, until it is sent or left. */
  get change() {
    return `${this.querySelector("room-draft").dataset.store} change`;
  }

  /* With the change of a message that was begun before the page was loaded anew. */
  goOn() {
    const begun = JSON.parse(localStorage.getItem(this.change) ?? "null");
    const message = begun && !this.dataset.number && this.room.querySelector(`.message--mine[data-n="${Number(begun.n)}"]`);
    if (message?.matches(".message--gone")) localStorage.removeItem(this.change);
    else if (message) this.edit(begun, true);
  }

  leaveEdit() {
    delete this.dataset.number;
    this.editLine.hidden = true;
    localStorage.removeItem(this.change);
    this.area.value = this.querySelector("room-draft")?.text ?? "";
    this.area.focus();
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }
}

customElements.define("room-composer", RoomComposer);
