/* <room-pending data-state> is one message that was sent and is not in the log yet: its text, its state and, when sending
 * failed, buttons. <room-outbox> creates it and handles its buttons. */
class RoomPending extends HTMLElement {
  render({ text, state = "sending", error }, texts) {
    this.dataset.state = state;
    this.querySelector(".pending__text").textContent = text;
    this.querySelector(".pending__state").textContent = error || texts[state];
    this.querySelector(".pending__actions").hidden = state !== "unsent";
  }
}

customElements.define("room-pending", RoomPending);
