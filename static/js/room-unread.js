/* <room-unread> holds the link to the first unread message. It shows while that message is out of sight, above what is
 * being read, and is done with once the message was seen. On another page the link leads there. */
class RoomUnread extends HTMLElement {
  connectedCallback() {
    this.link = this.querySelector("a");
    this.first = this.closest("live-room").querySelector(this.link.hash);
    if (!this.first) return this.toggleAttribute("data-shown", true);
    this.link.addEventListener("click", (event) => this.lead(event));
    this.eye = new IntersectionObserver(([{ isIntersecting }]) => (isIntersecting ? this.end() : this.toggleAttribute("data-shown", true)));
    this.eye.observe(this.first);
  }

  lead(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.first.focus({ preventScroll: true });
    this.first.scrollIntoView({ block: "start" });
  }

  end() {
    this.eye.disconnect();
    this.remove();
  }
}

customElements.define("room-unread", RoomUnread);
