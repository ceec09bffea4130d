import { ConnectedElement } from "js/lib/connected_element.js";

/* Base class of the elements inside <live-room>, which gives them to each other: `this.room.composer` and so on. */
export class RoomPart extends ConnectedElement {
  connectedCallback() {
    this.room ??= this.closest("live-room");
    super.connectedCallback();
  }

  /* What <live-connection> tells of this room. */
  listenLive(name, listener) {
    this.listen(document, `live:${name}`, ({ detail }) => {
      if ((detail.stream ?? detail.s) === this.room.stream) listener(detail);
    });
  }

  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(`room:${name}`, { bubbles: true, detail }));
  }
}
