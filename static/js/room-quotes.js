/* <room-quotes data-gone> draws above a message what it answers, keeps those words as they are now (none, when that
 * message was taken back), and leads to it. It holds the blank of a quote. */
class RoomQuotes extends HTMLElement {
  connectedCallback() {
    this.room = this.closest("live-room");
    this.blank = this.querySelector("template").content.firstElementChild;
    this.room.addEventListener("room:filled", ({ target, detail }) => this.draw(target, detail.gone ? null : detail.re));
    this.room.addEventListener("click", (event) => this.lead(event));
    document.addEventListener("live:entries", ({ detail }) => detail.stream === this.room.stream && this.mend(detail.entries));
  }

  draw(message, re) {
    const there = message.querySelector(".quote");
    if (!re) return there?.remove();
    const quote = there ?? this.blank.cloneNode(true);
    quote.dataset.re = re.n;
    quote.href = this.blank.getAttribute("href").replace(/(at=|message-)0/g, `$1${re.n}`);
    if (!there) message.querySelector(".message__text").before(quote);
    this.fill(quote, re.gone ? "" : re.by.name, re.gone ? "" : re.words);
  }

  fill(quote, name, words) {
    quote.querySelector(".quote__name").textContent = name;
    quote.querySelector(".quote__words").textContent = words || this.dataset.gone;
    quote.classList.toggle("quote--gone", !words);
  }

  mend(entries) {
    for (const { m, k } of entries) {
      const quotes = m && /^(edit|withdraw|restore)$/.test(k) ? this.room.querySelectorAll(`.quote[data-re="${m.n}"]`) : [];
      if (!quotes.length) continue;
      const said = new DOMParser().parseFromString(m.html ?? "", "text/html").body.textContent.trim().replace(/\s+/g, " ");
      const words = said.length > 120 ? `${said.slice(0, 119)}…` : said;
      this.room.keepPlace(() => quotes.forEach((quote) => this.fill(quote, m.gone ? "" : m.by.name, m.gone ? "" : words)));
    }
  }

  /* On the page already: there without another. */
  lead(event) {
    const quote = event.target.closest(".quote");
    const message = quote && this.room.querySelector(`#message-${quote.dataset.re}`);
    if (!message || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    message.focus({ preventScroll: true });
    message.scrollIntoView({ block: "center" });
    message.classList.add("message--pointed");
    setTimeout(() => message.classList.remove("message--pointed"), 2500);
  }
}

customElements.define("room-quotes", RoomQuotes);
