/* <live-afresh> loads the page anew when the server says that what was read here is not its log: it has been put back, say.
 * What is typed is kept by whoever keeps it. Should that not help, the line waits, and it is tried again a minute later. */
class LiveAfresh extends HTMLElement {
  connectedCallback() {
    document.addEventListener("live:reset", (event) => this.load() && event.preventDefault());
  }

  load() {
    const before = Number(sessionStorage.getItem("live afresh"));
    if (Math.abs(Date.now() - before) < 60_000) return false;
    sessionStorage.setItem("live afresh", Date.now());
    location.reload();
    return true;
  }
}

customElements.define("live-afresh", LiveAfresh);
