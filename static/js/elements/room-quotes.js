import { fileInWords } from "js/lib/message_files.js";
import { excerpt, parseHtml, plainText } from "js/lib/message_text.js";
import { RoomPart } from "js/lib/room_part.js";

const HIGHLIGHT_MS = 2500;

/* <room-quotes data-gone> renders the quoted message above a reply, updates that quote and scrolls to the quoted message
 * on a click. It contains the template of a quote. */
class RoomQuotes extends RoomPart {
  connected() {
    this.template = this.querySelector("template").content.firstElementChild;
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
    const quote = shown ?? this.template.cloneNode(true);
    quote.dataset.re = re.n;
    quote.href = this.template.getAttribute("href").replace(/(at=|message-)0/g, `$1${re.n}`);
    if (!shown) message.prose.before(quote);
    this.fill(quote, re.gone ? "" : re.by.name, re.gone ? "" : re.words || this.fileInWords(re.file));
  }

  fileInWords(file) {
    return fileInWords(file ?? {}, this.room.dataset);
  }

  fill(quote, name, text) {
    quote.querySelector(".quote__name").textContent = name;
    quote.querySelector(".quote__words").textContent = text || this.dataset.gone;
    quote.classList.toggle("quote--gone", !text);
  }

  /* Every change of a message is an entry of the log, whether or not the message is on the page. */
  update({ m, k }) {
    if (!m || !/^(edit|withdraw|restore)$/.test(k)) return;
    const quotes = this.room.querySelectorAll(`.quote[data-re="${m.n}"]`);
    if (!quotes.length) return;
    const text = m.gone ? "" : excerpt(plainText(parseHtml(m.html))) || this.fileInWords(m.files?.[0]);
    this.room.keepScrollPosition(() => quotes.forEach((quote) => this.fill(quote, m.gone ? "" : m.by.name, text)));
  }

  /* Scroll to the quoted message if it is on this page; else follow the link. */
  follow(event) {
    const quote = event.target.closest(".quote");
    const message = quote && this.room.message(quote.dataset.re);
    if (!message || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    message.focus({ preventScroll: true });
    message.scrollIntoView({ block: "center" });
    message.classList.add("message--pointed");
    this.after(HIGHLIGHT_MS, () => message.classList.remove("message--pointed"));
  }
}

customElements.define("room-quotes", RoomQuotes);
