import { ConnectedElement } from "js/lib/connected_element.js";
import { fetchPage } from "js/lib/http.js";

const PART_SPREAD_MS = 1500;

/* <live-part id data-stream data-about> is a part of the page that is fetched again when its reader is notified of
 * something whose kind begins with data-about. <news-bell> follows the stream. */
class LivePart extends ConnectedElement {
  connected() {
    const { stream, about } = this.dataset;
    this.listen(document, "live:entries", ({ detail }) => {
      if (detail.stream !== stream || !detail.entries.some((entry) => entry.about?.startsWith(about))) return;
      this.fetching ??= this.after(Math.random() * PART_SPREAD_MS, () => this.refresh());
    });
  }

  async refresh() {
    this.fetching = null;
    const answer = await fetchPage(location.href);
    const fresh = answer?.ok && answer.page.getElementById(this.id);
    if (fresh && !this.contains(document.activeElement)) this.replaceChildren(...fresh.childNodes);
  }
}

customElements.define("live-part", LivePart);
