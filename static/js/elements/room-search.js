import { ConnectedElement } from "js/lib/connected_element.js";

/* <room-search data-back> around the search results: Escape returns to the room, unless it clears the search box. */
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
