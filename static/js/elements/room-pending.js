/* <room-pending data-state> is one message that was sent and is not in the log yet: its text, its files, its state and, when sending
 * failed, buttons. <room-outbox> creates it and handles its buttons. */
class RoomPending extends HTMLElement {
  render({ text, files = [], state = "sending", error }, texts) {
    this.dataset.state = state;
    this.querySelector(".pending__text").textContent = text;
    this.querySelector(".pending__text").hidden = !text;
    const list = this.querySelector(".pending__files");
    if (list.childElementCount !== files.length) list.replaceChildren(...files.map(makeThumbnail));
    this.querySelector(".pending__state").textContent = error || texts[state];
    this.querySelector(".pending__actions").hidden = state !== "unsent";
  }
}

function makeThumbnail({ name, small, is_picture: isPicture }) {
  const thumbnail = document.createElement(isPicture ? "img" : "span");
  if (isPicture) Object.assign(thumbnail, { src: small, alt: name });
  else thumbnail.textContent = name;
  return thumbnail;
}

customElements.define("room-pending", RoomPending);
