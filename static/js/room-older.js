/* <room-older> holds the link to earlier messages and fetches them into the log in place, above what is being read. */
class RoomOlder extends HTMLElement {
  connectedCallback() {
    this.onclick = (event) => this.fetch(event);
  }

  async fetch(event) {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    const answer = await fetch(link.href).catch(() => null);
    if (!answer?.ok) return location.assign(link.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const log = this.closest("live-room").querySelector(".room__log");
    const [first, held] = [log.firstElementChild, this.contains(document.activeElement)];
    log.setAttribute("aria-live", "off");
    log.prepend(...page.querySelectorAll(".room__log > *"));
    first?.arrange();
    setTimeout(() => log.setAttribute("aria-live", "polite"), 500);
    const next = page.querySelector("room-older");
    this.replaceWith(next ?? "");
    if (held) (next ?? first).querySelector("a").focus({ preventScroll: true });
  }
}

customElements.define("room-older", RoomOlder);
