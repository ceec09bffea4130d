/* <news-bell data-stream="person:7" data-after="41"> holds a link with a number ([data-unseen] in .count) and a quiet
 * status. It follows the person's own log: what was told or seen on any tab or device changes the number here and in
 * the page's title. The newest line is said once for those who hear the page. */
const NUMBERED = /^\(\d+\) /;

class NewsBell extends HTMLElement {
  connectedCallback() {
    this.hear = ({ detail }) => detail.stream === this.dataset.stream && this.take(detail.entries);
    document.addEventListener("live:entries", this.hear);
    const { stream, after } = this.dataset;
    document.dispatchEvent(new CustomEvent("live:follow", { detail: { stream, after: Number(after) } }));
  }

  disconnectedCallback() {
    document.removeEventListener("live:entries", this.hear);
  }

  take(entries) {
    const { unseen } = entries.at(-1);
    this.querySelector("[data-unseen]").textContent = unseen;
    this.querySelector(".count").hidden = !unseen;
    document.title = (unseen ? `(${unseen}) ` : "") + document.title.replace(NUMBERED, "");
    const line = entries.findLast((entry) => entry.line)?.line;
    if (line) this.querySelector("[role=status]").textContent = line;
  }
}

customElements.define("news-bell", NewsBell);
