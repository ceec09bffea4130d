import { ConnectedElement } from "js/lib/connected_element.js";

/* <print-page hidden> around a button that prints the page; without a script it stays hidden. */
class PrintPage extends ConnectedElement {
  connected() {
    this.hidden = false;
    this.listen(this, "click", () => window.print());
  }
}

customElements.define("print-page", PrintPage);
