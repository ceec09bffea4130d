import { excerpt, parseHtml } from "js/lib/message_text.js";
import { RoomPart } from "js/lib/room_part.js";

const POINTED_MS = 2500;

/* <room-quotes data-gone> renders above a reply what it replies to, keeps that quote up to date and leads to the quoted
 * message. It holds the template of a quote. */
class RoomQuotes extends RoomPart {
  connected() {
    this.blank = this.querySelector("template").content.firstElementChild;
    this.listen(this.room, "room:rendered", ({ target, detail }) => this.render(target, detail.gone ? null : detail.re));
    this.listen(this.room, "click", (event) => this.follow(event));
    this.listenLive("entries", ({ entries }) => entries.forEach((entry) => this.update(entry)));
  }

  render(message, re) {
    const shown = message.querySelector(".quote");
    if (!re) {
      shown?.remove();
      return;
    }
    const quote = shown ?? this.blank.cloneNode(true);
    quote.dataset.re = re.n;
    quote.href = this.blank.getAttribute("href").replace(/(at=|message-)0/g, `$1${re.n}`);
    if (!shown) message.part("text").before(quote);
    this.fill(quote, re.gone ? "" : re.by.name, re.gone ? "" : re.words);
  }

  fill(quote, name, words) {
    quote.querySelector(".quote__name").textContent = name;
    quote.querySelector(".quote__words").textContent = words || this.dataset.gone;
    quote.classList.toggle("quote--gone", !words);
  }

  /* Every change of a message comes as an entry of the log, whether or not the message is on the page. */
  update({ m, k }) {
    if (!m || !/^(edit|withdraw|restore)$/.test(k)) return;
    const quotes = this.room.querySelectorAll(`.quote[data-re="${m.n}"]`);
    if (!quotes.length) return;
    const words = m.gone ? "" : excerpt(parseHtml(m.html).textContent);
    this.room.keepPlace(() => quotes.forEach((quote) => this.fill(quote, m.gone ? "" : m.by.name, words)));
  }

  /* To the message on this page, if it is here. */
  follow(event) {
    const quote = event.target.closest(".quote");
    const message = quote && this.room.message(quote.dataset.re);
    if (!message || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    message.focus({ preventScroll: true });
    message.scrollIntoView({ block: "center" });
    message.classList.add("message--pointed");
    this.after(POINTED_MS, () => message.classList.remove("message--pointed"));
  }
}

customElements.define("room-quotes", RoomQuotes);
