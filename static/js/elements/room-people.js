import { ConnectedElement } from "js/lib/connected_element.js";
import { readJson, request } from "js/lib/http.js";
import { PresenceList } from "js/lib/presence.js";

const PLACES = 100_000; /* more than a room has people */
const REFRESH_MS = 20_000;
const WIDE = "(min-width: 75rem)";

/* <room-people data-stream data-url data-here> lists the people of the room beside it, first those who are there now, then
 * those with a badge. They are fetched once, where there is room for them. */
class RoomPeople extends ConnectedElement {
  connected() {
    this.present = new PresenceList();
    this.list = this.querySelector("ul");
    this.listen(document, "live:here", ({ detail }) => this.seen(detail));
    this.listen(document, "live:gone", ({ detail }) => {
      if (this.isAbout(detail) && this.present.leave(detail.who)) this.arrange();
    });
    const wide = matchMedia(WIDE);
    this.listen(wide, "change", () => this.load(wide));
    this.load(wide);
    this.refresh();
  }

  async load(wide) {
    if (!wide.matches || this.isLoaded) return;
    this.isLoaded = true;
    const response = await request(this.dataset.url);
    const found = response?.ok ? await readJson(response) : null;
    this.list.replaceChildren(...(found?.members ?? []).map((person, place) => this.line(person, place)));
    this.arrange();
  }

  line({ id, name, initials, role }, place) {
    const line = this.querySelector("template").content.firstElementChild.cloneNode(true);
    const badge = role && line.querySelector(`[data-role="${role}"]`);
    if (badge) badge.hidden = false;
    Object.assign(line.dataset, { person: id, place: badge ? place : PLACES + place });
    line.querySelector(".avatar").textContent = initials;
    line.querySelector(".who__name").textContent = name;
    return line;
  }

  isAbout({ stream, s }) {
    return (stream ?? s) === this.dataset.stream;
  }

  seen(frame) {
    if (!this.isAbout(frame)) return;
    for (const person of [frame.who].flat()) this.present.seen(person, false, Date.now());
    this.arrange();
  }

  refresh() {
    this.after(REFRESH_MS, () => {
      this.arrange();
      this.refresh();
    });
  }

  arrange() {
    const here = new Set(this.present.ids(Date.now()).map(String));
    const rank = ({ dataset: { person, place } }) => (here.has(person) ? 0 : 2 * PLACES) + Number(place);
    const lines = [...this.list.children];
    for (const line of lines) {
      line.querySelector(".who__about").textContent = here.has(line.dataset.person) ? this.dataset.here : "";
    }
    const sorted = lines.toSorted((one, other) => rank(one) - rank(other));
    if (sorted.some((line, index) => line !== lines[index])) this.list.replaceChildren(...sorted);
  }
}

customElements.define("room-people", RoomPeople);
