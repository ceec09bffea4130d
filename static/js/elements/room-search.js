import { ConnectedElement } from "js/lib/connected_element.js";

/* <room-search data-back> around the page of search results: Escape leads back to the room, unless it empties the box. */
class RoomSearch extends ConnectedElement {
  connected() {
    this.listen(this, "keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing || event.target.matches("input:not(:placeholder-shown)")) return;
      event.preventDefault();
      location.assign(this.dataset.back);
    });
  }
}

customElements.define("room-search", RoomSearch);
