import { ConnectedElement } from "js/lib/connected_element.js";
import { readJson, request } from "js/lib/http.js";
import { paragraphs } from "js/lib/typed_text.js";

/* How a text of the editor begins where it stands for itself: in a form, a draft, a page that gives words back. */
const HTML_SIGN = "<!--html1-->";
const CARET = "\ue000";
/* Signs that may mean something in our Markdown, which only the server reads. */
const MARKDOWN = /[*_~`[\\]|^\s*(?:[#>-]|\d+\.)|^ /m;

/* <rich-text> round a text area loads the editor when the area gets the focus, at once with `data-starts="now"` or for a
 * text of the editor, and then takes its place. What was typed meanwhile is taken over with the caret. The area stays the
 * field of the form: it holds the text of the editor, and what is written into it from outside (a restored draft, a quote)
 * is shown in the editor. A text that was not changed stays as it was. If the editor does not come, the area has the words.
 * `data-state` is plain, loading or open. */
class RichText extends ConnectedElement {
  connected() {
    this.area = this.querySelector("textarea");
    this.source = this.querySelector(":scope > input");
    this.initial = this.source?.value ?? this.area.value;
    if (this.source) {
      this.area.value = this.source.value;
      this.source.remove();
    }
    this.listen(this.area, "focus", () => this.load());
    this.listen(this.area, "input", () => this.written());
    this.listen(this.area, "restored", () => this.written());
    this.listen(this.area, "compositionstart", () => (this.composing = true));
    this.listen(this.area, "compositionend", () => (this.composing = false));
    this.listen(this.area.form, "reset", () => this.after(0, () => this.reset()));
    /* A link to the box may have given it the focus before this script came. */
    if (this.dataset.starts === "now" || isHtml(this.area.value) || document.activeElement === this.area) this.load();
  }

  disconnected() {
    this.editing?.destroy();
  }

  get parts() {
    return document.querySelector("template.editor-parts");
  }

  focus() {
    if (this.editing) this.editing.focus();
    else this.area.focus();
  }

  load() {
    if (!this.loading) this.loading = this.open();
    return this.loading;
  }

  async open() {
    this.dataset.state = "loading";
    this.toggleAttribute("data-opening", isHtml(this.area.value)); /* nobody reads tags meanwhile */
    try {
      const needed = [import("js/editor.js"), import("prose-editor"), loadStyle(this.parts)];
      const [{ Editing }, prose] = await Promise.all(needed);
      if (!this.isConnected) return;
      const html = await this.content();
      const { area, parts } = this;
      const changed = (made) => this.take(made);
      this.editing = new Editing({ prose, area, parts, html, caret: CARET, changed, say: (text) => this.say(text) });
      this.dataset.state = "open";
      this.removeAttribute("data-opening");
    } catch (error) {
      console.warn(error);
      this.fail();
    }
  }

  /* The HTML of what is in the area, with the caret in it when that is known. What is typed while the server answers is
   * in it. */
  async content() {
    while (this.composing) await new Promise((resolve) => this.area.addEventListener("compositionend", resolve, { once: true }));
    const { value, selectionStart: at } = this.area;
    if (isHtml(value)) return value.slice(HTML_SIGN.length);
    const focused = document.activeElement === this.area;
    if (!MARKDOWN.test(value)) return paragraphs(focused ? value.slice(0, at) + CARET + value.slice(at) : value);
    const response = await request(this.parts.dataset.url, { method: "POST", form: { text: value } });
    const answer = response?.ok ? await readJson(response) : null;
    if (this.area.value !== value) return this.content();
    return answer ? withLineBehind(answer.html) : paragraphs(value);
  }

  /* The text has been changed in the editor. */
  take(html) {
    this.taking = true;
    this.area.value = html ? HTML_SIGN + html : "";
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
    this.taking = false;
  }

  /* The area has been written to: by somebody who types while the editor is loading, or by another script. */
  async written() {
    if (this.taking) return;
    if (this.editing) this.editing.show(await this.content());
    else if (isHtml(this.area.value)) this.load();
  }

  reset() {
    this.area.value = this.initial;
    this.written();
  }

  say(text) {
    this.status ??= this.appendChild(Object.assign(document.createElement("p"), { className: "editor__said" }));
    this.status.setAttribute("role", "status");
    this.status.textContent = text;
  }

  fail() {
    this.loading = undefined;
    this.dataset.state = "plain";
    this.removeAttribute("data-opening");
    if (!isHtml(this.area.value)) return;
    const unchanged = this.area.value === this.initial && this.source;
    this.area.value = unchanged ? this.area.defaultValue : wordsInHtml(this.area.value);
    if (unchanged) this.append(this.source);
  }
}

function isHtml(text) {
  return text.startsWith(HTML_SIGN);
}

/* Behind a quotation at the end there is a line to go on writing in. */
function withLineBehind(html) {
  return html.trimEnd().replace(/<\/blockquote>$/, "$&<p></p>");
}

/* The words of a text of the editor, for when it does not come. */
function wordsInHtml(html) {
  const page = new DOMParser().parseFromString(html.replace(/<br>/g, "\n").replace(/<\/(?:p|h3|h4|pre|figcaption)>/g, "$&\n\n"), "text/html");
  return page.body.textContent.trim();
}

function loadStyle(parts) {
  const link = parts.content.querySelector("link");
  const loaded = document.head.querySelector(`link[href="${link.getAttribute("href")}"]`);
  if (loaded) return loaded.whenLoaded;
  const added = link.cloneNode();
  added.whenLoaded = new Promise((resolve) => ["load", "error"].forEach((type) => added.addEventListener(type, resolve)));
  document.head.append(added);
  return added.whenLoaded;
}

customElements.define("rich-text", RichText);
