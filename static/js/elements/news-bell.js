import { ConnectedElement } from "js/lib/connected_element.js";
import { followStream } from "js/lib/live.js";

const COUNT_PREFIX = /^\(\d+\) /;

/* <news-bell data-stream="person:7" data-after="41"> around a link with the number of unseen news ([data-unseen] in
 * .count) and a status. It follows the person's own log, so that the number is current on every tab and device, here and
 * in the page's title. The text of the newest entry is announced once to screen readers. */
class NewsBell extends ConnectedElement {
  connected() {
    const { stream, after } = this.dataset;
    this.listen(document, "live:entries", ({ detail }) => {
      if (detail.stream === stream) this.receive(detail.entries);
    });
    followStream(stream, Number(after));
  }

  receive(entries) {
    const { unseen } = entries.at(-1);
    this.querySelector("[data-unseen]").textContent = unseen;
    this.querySelector(".count").hidden = !unseen;
    document.title = (unseen ? `(${unseen}) ` : "") + document.title.replace(COUNT_PREFIX, "");
    const newest = entries.findLast((entry) => entry.line);
    if (newest) Object.assign(this.querySelector("[role=status]"), { lang: newest.lang, textContent: newest.line });
  }
}

customElements.define("news-bell", NewsBell);
