import { ConnectedElement } from "js/lib/connected_element.js";

/* <bar-chat data-stream data-me> around the link to a room says whether somebody is there now ([data-live]) and whether
 * something new was said ([data-new]), on pages that follow the stream of the room. */
class BarChat extends ConnectedElement {
  connected() {
    const { stream, me } = this.dataset;
    this.listen(document, "hour:changed", ({ detail }) => {
      if (detail.stream === stream) this.show("live", detail.live);
    });
    this.listen(document, "live:entries", ({ detail }) => {
      if (detail.stream !== stream) return;
      if (detail.entries.some(({ k, m }) => k === "message" && m.by.id !== Number(me))) this.show("new", true);
    });
    this.listen(document, "room:read", () => this.show("new", false));
  }

  show(name, isSo) {
    this.querySelector(`[data-${name}]`).hidden = !isSo;
  }
}

customElements.define("bar-chat", BarChat);
