import { ConnectedElement } from "js/lib/connected_element.js";

/* Base class of the elements inside <live-room>, through which they access each other: `this.room.composer` etc. */
export class RoomPart extends ConnectedElement {
  connectedCallback() {
    this.room ??= this.closest("live-room");
    super.connectedCallback();
  }

  /* Listen to the events of <live-connection> about this room. */
  listenLive(name, listener) {
    this.listen(document, `live:${name}`, ({ detail }) => {
      if ((detail.stream ?? detail.s) === this.room.stream) listener(detail);
    });
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(`room:${name}`, { bubbles: true, detail }));
  }
}
