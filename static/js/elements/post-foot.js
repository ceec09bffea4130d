import { announce } from "js/lib/announce.js";
import { ConnectedElement } from "js/lib/connected_element.js";
import { fetchPage, readJson, request } from "js/lib/http.js";
import { withQuotation, wordsOf } from "js/lib/quotes.js";

/* <post-foot data-failed> below a post: its marks are toggled without loading the page again. "Quote" takes the words
 * selected in the post, or its beginning, into the reply. What "More" leads to opens below: other marks, who gave which,
 * the address to copy. A line of credit can be copied as well. Escape closes that. */
class PostFoot extends ConnectedElement {
  connected() {
    /* Pressing a link may end the selection. */
    for (const button of this.querySelectorAll("[data-copy]")) button.hidden = false;
    this.listen(this, "pointerdown", () => (this.selected = this.selectedWords));
    this.listen(this, "click", (event) => this.press(event));
    this.listen(this, "keydown", (event) => {
      if (event.key === "Escape" && this.panel) this.close();
    });
  }

  get panel() {
    return this.querySelector(".post-more");
  }

  get more() {
    return this.querySelector("[data-more]");
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const pressed = (selector) => event.target.closest(selector);
    const mark = pressed("button.mark");
    if (mark) this.give(mark);
    else if (pressed("[data-more]")) this.toggle();
    else if (pressed("[data-quote]")) {
      if (!this.quote(pressed("[data-quote]"))) return; /* the link leads to the page with the form */
    } else if (pressed("[data-copy]")) this.copy(pressed("[data-copy]"));
    else return;
    event.preventDefault();
  }

  async give(mark) {
    const response = await request(mark.formAction, { method: "POST", form: { mark: mark.value } });
    const body = response && (await readJson(response));
    if (!response?.ok) {
      this.tell(body?.why ?? this.dataset.failed);
      return;
    }
    const within = mark.closest(".post-more") ? ".post-more" : ".marks";
    const { body: shown } = new DOMParser().parseFromString(body.marks, "text/html");
    this.querySelector(":scope > .marks").replaceWith(...shown.children);
    this.tell("");
    if (this.panel) await this.open();
    (this.querySelector(`${within} [value="${mark.value}"]`) ?? this.more).focus({ preventScroll: true });
  }

  get prose() {
    return this.closest("article").querySelector(".prose");
  }

  get selectedWords() {
    const selection = document.getSelection();
    const within = this.prose && !selection.isCollapsed && this.prose.contains(selection.anchorNode);
    return within && this.prose.contains(selection.focusNode) ? selection.toString() : "";
  }

  /* Put a quotation at the end of the reply; false where there is no form for one. What is written into the text area
   * is shown by an editor that has taken its place. */
  quote(link) {
    const area = document.querySelector(link.hash)?.querySelector("textarea[name=text]");
    if (!area) return false;
    const address = new URL(link.dataset.address, location.href).href;
    const words = wordsOf(this.prose, this.selectedWords || this.selected);
    this.selected = "";
    const box = area.closest("rich-text") ?? area;
    area.value = withQuotation(area.value, [link.dataset.quote, address, words], box.dataset.state === "open");
    area.dispatchEvent(new InputEvent("input", { bubbles: true }));
    box.focus();
    box.scrollIntoView({ block: "nearest" });
    return true;
  }

  async toggle() {
    if (this.panel) {
      this.close();
      return;
    }
    await this.open();
    this.panel?.querySelector("button:not([hidden]), input")?.focus();
  }

  async open() {
    const { page } = (await fetchPage(this.more.href)) ?? {};
    const panel = page?.querySelector(".post-more");
    if (!panel) {
      this.tell(this.dataset.failed);
      return;
    }
    panel.querySelector("[data-copy]").hidden = false;
    this.panel?.remove();
    this.append(panel);
    this.more.setAttribute("aria-expanded", "true");
    this.tell("");
  }

  close() {
    this.panel.remove();
    this.more.removeAttribute("aria-expanded");
    this.more.focus({ preventScroll: true });
  }

  async copy(button) {
    const box = button.parentElement.querySelector("input, textarea");
    box.select();
    try {
      await navigator.clipboard.writeText(box.value);
    } catch {
      document.execCommand("copy"); /* without HTTPS */
    }
    button.lastChild.textContent = ` ${button.dataset.copied}`;
    announce(button.dataset.copied);
  }

  tell(sentence) {
    this.querySelector(".post-foot__failed")?.remove();
    if (!sentence) return;
    const line = Object.assign(document.createElement("p"), { className: "post-foot__failed", textContent: sentence });
    line.setAttribute("role", "alert");
    this.append(line);
  }
}

customElements.define("post-foot", PostFoot);
