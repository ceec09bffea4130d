import { ConnectedElement } from "js/lib/connected_element.js";
import { offersMentions } from "js/lib/mention_list.js";

const BOXES = "textarea, [contenteditable=true]";

/* <post-mention> in the form of a post suggests who may read it when @ is typed in one of its boxes
 * (js/lib/mention_list.js). The list stands below that box. */
class PostMention extends offersMentions(ConnectedElement) {
  connected() {
    super.connected();
    this.offerIn(this.closest("form"), BOXES);
  }

  show(people) {
    if (people.length) {
      this.box.setAttribute("aria-autocomplete", "list");
      this.box.setAttribute("aria-controls", this.list.id);
      /* Not after(), which is a timer of our elements. */
      (this.box.closest("rich-text") ?? this.box).insertAdjacentElement("afterend", this.list);
    }
    super.show(people);
  }
}

customElements.define("post-mention", PostMention);
