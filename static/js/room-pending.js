/* <room-pending data-state> is one message on its way: what it says, how it stands, and what can be done when it did
 * not go. <room-outbox> makes it and hears its buttons. */
class RoomPending extends HTMLElement {
  show({ text, state = "sending", why }, words) {
    this.dataset.state = state;
    this.querySelector(".pending__text").textContent = text;
    this.querySelector(".pending__state").textContent = why || words[state];
    this.querySelector(".pending__deeds").hidden = state !== "unsent";
  }
}

customElements.define("room-pending", RoomPending);
