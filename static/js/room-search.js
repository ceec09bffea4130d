/* <room-search data-back> round the page of what was found: Escape leads back to the room, unless it empties the box. */
class RoomSearch extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing || event.target.matches("input:not(:placeholder-shown)")) return;
      event.preventDefault();
      location.assign(this.dataset.back);
    });
  }
}

customElements.define("room-search", RoomSearch);
