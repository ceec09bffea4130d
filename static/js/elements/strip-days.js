import { ConnectedElement } from "js/lib/connected_element.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/* <strip-days> holds the links of a timeline, of which the Tab key stops at one: the arrow keys lead to the others, up
 * and down by seven, Home and End to the first and the last. */
class StripDays extends ConnectedElement {
  connected() {
    this.listen(this, "keydown", (event) => {
      const links = [...this.querySelectorAll("a")];
      const here = links.indexOf(event.target);
      const place = { Home: 0, End: links.length - 1 }[event.key] ?? here + STEPS[event.key];
      if (here < 0 || !links[place] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      links[here].tabIndex = -1;
      links[place].tabIndex = 0;
      links[place].focus();
    });
  }
}

customElements.define("strip-days", StripDays);
