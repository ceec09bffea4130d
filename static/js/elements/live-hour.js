import { announce } from "js/lib/announce.js";
import { ConnectedElement } from "js/lib/connected_element.js";
import { readJson, request } from "js/lib/http.js";

const HOUR_SPREAD_MS = 1500;

/* <live-hour data-stream data-url [data-live-class]> shows when somebody is in the room, in its [data-line]. An entry of
 * kind `notice` in the room's log says that this changed: it is fetched again, by all readers at slightly different
 * moments. `data-live` is set while somebody is there. Emits `hour:changed` {stream, live}, and announces data-ended.
 * Whoever shows the room follows its stream. */
class LiveHour extends ConnectedElement {
  connected() {
    this.listen(document, "live:entries", ({ detail: { stream, entries } }) => {
      if (stream !== this.dataset.stream || !entries.some(({ k }) => k === "notice")) return;
      this.fetching ??= this.after(Math.random() * HOUR_SPREAD_MS, () => this.refresh());
    });
  }

  async refresh() {
    this.fetching = null;
    const response = await request(this.dataset.url);
    const hour = response?.ok ? await readJson(response) : null;
    if (!hour) return;
    this.querySelector("[data-line]").textContent = hour.line;
    this.hidden = !hour.line;
    if ("live" in this.dataset && !hour.live) announce(this.dataset.ended);
    this.toggleAttribute("data-live", hour.live);
    if (this.dataset.liveClass) this.classList.toggle(this.dataset.liveClass, hour.live);
    const detail = { stream: this.dataset.stream, live: hour.live };
    this.dispatchEvent(new CustomEvent("hour:changed", { bubbles: true, detail }));
  }
}

customElements.define("live-hour", LiveHour);
