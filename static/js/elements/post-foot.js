import { announce } from "js/lib/announce.js";
import { ConnectedElement } from "js/lib/connected_element.js";
import { fetchPage, readJson, request } from "js/lib/http.js";

/* <post-foot data-failed> below a post: its marks are toggled without loading the page again, and what "More" leads to
 * opens below it: other marks, who gave which, the address to copy. Escape closes that. */
class PostFoot extends ConnectedElement {
  connected() {
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
    else if (pressed("[data-copy]")) this.copy(pressed("[data-copy]"));
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
    const address = button.parentElement.querySelector("input");
    address.select();
    try {
      await navigator.clipboard.writeText(address.value);
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
