import { announce } from "js/lib/announce.js";
import { ConnectedElement } from "js/lib/connected_element.js";
import { fetchPage } from "js/lib/http.js";
import { followStream } from "js/lib/live.js";

const PART_SPREAD_MS = 1500;

/* <live-part id> is a part of the page that is fetched again when a live hour of a room may have begun or ended: at an
 * entry of kind `notice` in the log of one of data-rooms="room:3 room:7", or of data-follow="room:3,41 room:7,12", which
 * it follows from these numbers on; and when its reader (data-person="person:7") is notified of something whose kind
 * begins with data-about. While the focus is inside it waits. [data-live="room:3"] in it says that an hour is going on
 * there; emits `hour:changed` {stream, live} for each stream it follows, and announces data-ended. */
class LivePart extends ConnectedElement {
  connected() {
    const { rooms = "", follow = "", person, about } = this.dataset;
    const pairs = follow.split(" ").filter(Boolean).map((pair) => pair.split(","));
    this.followed = pairs.map(([stream]) => stream);
    const streams = [...rooms.split(" "), ...this.followed];
    this.listen(document, "live:entries", ({ detail: { stream, entries } }) => {
      const isNotice = streams.includes(stream) && entries.some(({ k }) => k === "notice");
      const isAbout = stream === person && entries.some((entry) => entry.about?.startsWith(about));
      if (isNotice || isAbout) this.fetching ??= this.after(Math.random() * PART_SPREAD_MS, () => this.refresh());
    });
    this.listen(this, "focusout", ({ relatedTarget }) => {
      if (this.waiting && !this.contains(relatedTarget)) this.after(0, () => this.refresh());
    });
    for (const [stream, after] of pairs) followStream(stream, Number(after));
  }

  async refresh() {
    this.fetching = null;
    const answer = await fetchPage(location.href);
    const fresh = answer?.ok && answer.page.getElementById(this.id);
    if (!fresh) return;
    this.waiting = this.contains(document.activeElement);
    const before = this.live;
    if (!this.waiting) this.replaceChildren(...fresh.childNodes);
    for (const stream of this.followed) {
      const live = this.live.includes(stream);
      this.dispatchEvent(new CustomEvent("hour:changed", { bubbles: true, detail: { stream, live } }));
    }
    if (before.some((stream) => !this.live.includes(stream))) announce(this.dataset.ended);
  }

  /* The streams of the rooms in which an hour is going on. */
  get live() {
    return [...this.querySelectorAll("[data-live]")].map((each) => each.dataset.live);
  }
}

customElements.define("live-part", LivePart);
