/* <room-composer data-store data-limit ...> holds the form a message is written in. Enter sends, Shift and Enter make
 * a new line, Escape leaves a change. What is typed is kept on this device; a question is offered as a question before
 * it goes to the room. What is sent is given to <room-outbox>. */
class RoomComposer extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.area = this.querySelector("textarea");
    this.offer = this.querySelector(".composer__offer");
    this.editLine = this.querySelector(".composer__edit");
    this.area.addEventListener("keydown", (event) => this.key(event));
    this.area.addEventListener("input", () => this.typed());
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.editLine.addEventListener("click", (event) => event.target.closest("a") && (event.preventDefault(), this.leaveEdit()));
    this.closest("live-room").addEventListener("room:edit", ({ detail }) => this.edit(detail));
    if (this.dataset.number) return;
    if (!this.area.value) this.area.value = localStorage.getItem(this.dataset.store) ?? "";
  }

  key(event) {
    if (event.key === "Escape" && this.dataset.number) return event.preventDefault(), this.leaveEdit();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.form.requestSubmit(this.offer && !this.offer.hidden ? this.offer.querySelector("[name=sure]") : null);
  }

  typed() {
    if (this.offer) this.offer.hidden = true;
    if (!this.dataset.number) this.keep(this.area.value);
    this.dispatchEvent(new CustomEvent("room:typing", { bubbles: true }));
  }

  keep(text) {
    if (text) localStorage.setItem(this.dataset.store, text);
    else localStorage.removeItem(this.dataset.store);
  }

  submit(event) {
    const text = this.area.value.trim();
    if (event.submitter?.name === "ask") return this.keep("");
    event.preventDefault();
    if (!text) return this.area.focus();
    const { number } = this.dataset;
    const asks = this.offer && !number && text.endsWith("?") && event.submitter?.name !== "sure";
    if (asks) return (this.offer.hidden = false);
    this.closest("live-room").querySelector("room-outbox").put(number ? { t: "edit", n: Number(number), text } : { t: "send", text });
    if (number) return this.leaveEdit();
    if (this.offer) this.offer.hidden = true;
    this.write("");
  }

  write(text) {
    this.area.value = text;
    this.keep(text);
  }

  edit({ n, text }) {
    if (this.offer) this.offer.hidden = true;
    this.dataset.number = n;
    this.area.value = text;
    this.editLine.hidden = false;
    this.area.focus();
  }

  leaveEdit() {
    delete this.dataset.number;
    this.editLine.hidden = true;
    this.area.value = localStorage.getItem(this.dataset.store) ?? "";
    this.area.focus();
  }
}

customElements.define("room-composer", RoomComposer);
