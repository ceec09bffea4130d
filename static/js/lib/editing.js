import { Pictures, pictureExtension } from "js/lib/editor_pictures.js";
import { Toolbar } from "js/lib/editor_toolbar.js";
import { cleanPasted } from "js/lib/pasted.js";
import { paragraphs } from "js/lib/typed_text.js";

/* Signs that make a format while one types; a dash or an asterisk is too often only that. */
const TYPED_FORMATS = ["bold", "code", "heading"];
const ADDRESS = /^(?:https?:\/\/|mailto:)\S+$/i;

const ACTIONS = {
  bold: toggle("bold"),
  italic: toggle("italic"),
  heading: toggle("heading", { level: 3 }),
  subheading: toggle("heading", { level: 4 }),
  bullets: toggle("bulletList"),
  numbers: toggle("orderedList"),
  quote: toggle("blockquote"),
  table: {
    run: (editor) => editor.chain().focus().insertTable({ rows: 3, cols: 3, withHeaderRow: true }).run(),
    can: (editor) => !editor.isActive("table"),
  },
  undo: command("undo"),
  redo: command("redo"),
  "add-row": command("addRowAfter"),
  "add-column": command("addColumnAfter"),
  "delete-row": command("deleteRow"),
  "delete-column": command("deleteColumn"),
  "delete-table": command("deleteTable"),
};

/* The editor in the place of a text area: `prose` is the library, `parts` the template with its toolbar, `html` what it
 * begins with, in which the sign `caret` stands for the caret; `changed(html)` is called with each change, with "" when
 * nothing is left; `say(text)` tells the person something. A text area with the focus gives it to the editor. */
export class Editing {
  constructor({ prose, area, parts, html, caret, changed, say }) {
    Object.assign(this, { prose, area, caret, changed, say });
    this.words = parts.dataset;
    this.box = document.createElement("div");
    this.box.className = "editor__box";
    const bar = parts.content.querySelector(".editor__bar").cloneNode(true);
    this.dialog = withOwnIds(parts.content.querySelector(".editor__link").cloneNode(true), area.id);
    const label = area.labels[0];
    /* Only where files can be added to the post. */
    this.takesPictures = Boolean(area.form.querySelector("file-attach"));
    if (!this.takesPictures) bar.querySelector("[data-do=picture]").remove();
    this.editor = new prose.Editor({
      element: this.box,
      extensions: this.extensions(JSON.parse(parts.dataset.extensions)),
      content: html,
      injectCSS: false,
      enableInputRules: TYPED_FORMATS,
      enablePasteRules: false,
      editorProps: {
        attributes: this.attributes(label),
        transformPastedHTML: cleanPasted,
        handlePaste: (view, event) => this.paste(event),
        handleDrop: (view, event, slice, moved) => !moved && this.drop(view, event),
        handleKeyDown: (view, event) => this.press(event),
      },
      onUpdate: () => this.changed(this.html),
      onTransaction: () => this.toolbar?.refresh(),
    });
    const id = area.id;
    area.removeAttribute("id");
    this.root = this.editor.view.dom;
    this.root.id = id;
    area.before(bar, this.box);
    /* Before the area is hidden: a key that is down by now types into one or the other. */
    if (document.activeElement === area) this.focus();
    area.hidden = true;
    document.body.append(this.dialog);
    this.toolbar = new Toolbar(bar, this.editor, { ...ACTIONS, link: this.linkAction(), picture: this.pictureAction(bar) });
    this.pictures = new Pictures(this.editor, this.words, say);
    area.form.addEventListener("submit", (event) => this.submit(event), { capture: true });
    label?.addEventListener("click", () => this.focus());
    area.form.elements.language?.addEventListener("change", () => (this.root.lang = this.language));
    this.takeCaret();
  }

  get html() {
    return this.editor.isEmpty ? "" : this.editor.getHTML();
  }

  /* Of the text: chosen in the form, or that of the conversation. */
  get language() {
    const { form } = this.area;
    return form.elements.language?.value || form.dataset.language || document.documentElement.lang;
  }

  /* The extensions that the server allows, a few of them changed. */
  extensions(wanted) {
    const { prose } = this;
    const own = {
      Link: () =>
        prose.Link.extend({ addKeyboardShortcuts: () => ({ "Mod-k": () => this.askForLink() }) }).configure({
          autolink: false,
          openOnClick: false,
          enableTarget: false,
          isAllowedUri: (url) => ADDRESS.test(url),
        }),
      /* Tab in the last cell leaves the table, so that the keyboard can leave the editor. */
      Table: () =>
        prose.Table.extend({
          addKeyboardShortcuts() {
            return { ...this.parent?.(), Tab: ({ editor }) => editor.commands.goToNextCell() };
          },
        }),
      Picture: () => this.takesPictures && pictureExtension(prose, this.words),
    };
    const made = Object.entries(wanted).map(([name, settings]) => {
      if (own[name]) return own[name]();
      return settings === true ? prose[name] : prose[name].configure(settings);
    });
    return [...made, prose.Gapcursor, prose.Dropcursor, prose.History].filter((extension) => extension);
  }

  attributes(label) {
    const { area } = this;
    if (label) label.id ||= `${area.id}_label`;
    const described = area.getAttribute("aria-describedby");
    return {
      role: "textbox",
      "aria-multiline": "true",
      ...(label && { "aria-labelledby": label.id }),
      ...(described && { "aria-describedby": described }),
      ...(area.getAttribute("aria-invalid") && { "aria-invalid": "true" }),
      ...(area.required && { "aria-required": "true" }),
      class: "editor__text prose",
      spellcheck: "true",
      lang: this.language,
    };
  }

  /* At once, while the editor's own command waits for a frame. */
  focus() {
    this.editor.view.focus();
  }

  /* Shows another text, which somebody else wrote into the field, with the caret at its end. */
  show(html) {
    this.editor.commands.setContent(html.replaceAll(this.caret, ""), { emitUpdate: false });
    this.editor.commands.setTextSelection(this.editor.state.doc.content.size);
  }

  /* Puts the caret where it was in the text area. */
  takeCaret() {
    const { editor, caret } = this;
    let at = null;
    editor.state.doc.descendants((node, position) => {
      if (node.isText && node.text.includes(caret)) at = position + node.text.indexOf(caret);
    });
    if (at === null) editor.commands.setTextSelection(editor.state.doc.content.size);
    else editor.chain().setMeta("addToHistory", false).setMeta("preventUpdate", true).deleteRange({ from: at, to: at + 1 }).setTextSelection(at).run();
  }

  press(event) {
    if (event.key !== "F10" || !event.altKey) return false;
    this.toolbar.focus();
    return true;
  }

  paste({ clipboardData }) {
    const { files } = clipboardData;
    if (files.length && this.takesPictures && !clipboardData.getData("text/plain")) return this.pictures.take(files);
    const text = clipboardData.getData("text/plain");
    if (clipboardData.types.includes("text/html") || !text.includes("\n") || this.editor.isActive("codeBlock")) return false;
    this.editor.commands.insertContent(paragraphs(text.replaceAll("\r\n", "\n")));
    return true;
  }

  /* A picture is put where it was dropped; other files are left to the form. */
  drop(view, event) {
    const { files } = event.dataTransfer;
    if (!this.takesPictures || ![...files].some(({ type }) => type.startsWith("image/"))) return false;
    const at = view.posAtCoords({ left: event.clientX, top: event.clientY });
    if (at) this.editor.commands.setTextSelection(at.pos);
    event.preventDefault();
    return this.pictures.take(files);
  }

  pictureAction(bar) {
    const input = bar.querySelector("input[type=file]");
    input?.addEventListener("change", () => {
      this.pictures.take(input.files);
      input.value = "";
    });
    return { run: () => input.click() };
  }

  /* Waits for the pictures that are on their way, and then sends the form. */
  submit(event) {
    if (!this.pictures.working.size) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.say(this.words.waits);
    this.pictures.arrived = () => this.area.form.requestSubmit(event.submitter);
  }

  linkAction() {
    return { run: () => this.askForLink(), active: (editor) => editor.isActive("link") };
  }

  /* Asks for the address in a dialog; without a selection the address is what is written. */
  askForLink() {
    const { dialog, editor } = this;
    const input = dialog.querySelector("input");
    const error = dialog.querySelector(".field__error");
    const linked = editor.isActive("link");
    input.value = editor.getAttributes("link").href ?? "";
    error.hidden = true;
    input.removeAttribute("aria-invalid");
    dialog.querySelector("[value=remove]").hidden = !linked;
    dialog.returnValue = "";
    dialog.onsubmit = (event) => {
      const href = addressOf(input.value);
      if (event.submitter.value !== "save" || href) return;
      event.preventDefault();
      error.hidden = false;
      input.setAttribute("aria-invalid", "true");
      input.focus();
    };
    dialog.onclose = () => {
      const chain = editor.chain().focus();
      if (dialog.returnValue === "remove") chain.extendMarkRange("link").unsetLink().run();
      else if (dialog.returnValue === "save") this.link(chain, addressOf(input.value), linked);
      else chain.run();
    };
    dialog.showModal();
    input.select();
    return true;
  }

  link(chain, href, linked) {
    const { empty } = this.editor.state.selection;
    if (linked) chain.extendMarkRange("link").setLink({ href }).run();
    else if (!empty) chain.setLink({ href }).run();
    else chain.insertContent({ type: "text", text: href, marks: [{ type: "link", attrs: { href } }] }).unsetMark("link").run();
  }

  destroy() {
    this.pictures.destroy();
    this.editor.destroy();
    this.dialog.remove();
  }
}

/* What a button of the toolbar does, and whether it is pressed or can be. */
function toggle(name, ...more) {
  return {
    run: (editor) => editor.chain().focus()[`toggle${name[0].toUpperCase()}${name.slice(1)}`](...more).run(),
    active: (editor) => editor.isActive(name, ...more),
  };
}

function command(name) {
  return { run: (editor) => editor.chain().focus()[name]().run(), can: (editor) => editor.can()[name]() };
}

/* What somebody typed as an address, with its scheme; "" if it is none. */
export function addressOf(typed) {
  const text = typed.trim();
  if (ADDRESS.test(text)) return text;
  if (/^[^\s@:/]+@[^\s@:/]+\.[^\s@:/]+$/.test(text)) return `mailto:${text}`;
  return /^[^\s/:]+\.[^\s]+$/.test(text) ? `https://${text}` : "";
}

/* Several editors stand on a page, and an id names one thing. */
function withOwnIds(part, suffix) {
  for (const each of [part, ...part.querySelectorAll("[id], [for]")]) {
    for (const name of ["id", "for", "aria-labelledby", "aria-describedby"]) {
      if (each.hasAttribute(name)) each.setAttribute(name, `${each.getAttribute(name)}-${suffix}`);
    }
  }
  return part;
}
