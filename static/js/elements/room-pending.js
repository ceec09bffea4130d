/* <room-pending data-state> is one message that was sent and is not in the log yet: its text, its state and, when it was
 * not sent, what can be done. <room-outbox> makes it and listens to its buttons. */
class RoomPending extends HTMLElement {
  render({ text, state = "sending", error }, words) {
    this.dataset.state = state;
    this.querySelector(".pending__text").textContent = text;
    this.querySelector(".pending__state").textContent = error || words[state];
    this.querySelector(".pending__actions").hidden = state !== "unsent";
  }
}

customElements.define("room-pending", RoomPending);
