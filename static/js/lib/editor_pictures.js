import { prepare } from "js/lib/pictures.js";
import { newId } from "js/lib/ids.js";
import { upload } from "js/lib/upload.js";

const THUMBNAIL_PX = 480;

/* A picture in a text of the editor: a figure with its caption as text, and its description in a field below. While it is being sent
 * it has no key, and `sending` names the upload. */
export function pictureExtension(prose, words) {
  return prose.Node.create({
    name: "picture",
    group: "block",
    content: "inline*",
    draggable: true,
    isolating: true,
    addAttributes: () => ({
      file: { default: null },
      src: { default: "" },
      alt: { default: "" },
      sending: { default: null, rendered: false },
    }),
    parseHTML: () => [
      { tag: "figure", contentElement: captionOf, getAttrs: (figure) => attributesOf(figure.querySelector("img[data-file]")) },
      { tag: "img[data-file]", getAttrs: attributesOf },
    ],
    renderHTML: ({ node: { attrs } }) => [
      "figure",
      ["img", { ...(attrs.file && { "data-file": attrs.file, src: attrs.src }), alt: attrs.alt }],
      ["figcaption", 0],
    ],
    addNodeView: () => (drawn) => new PictureView(drawn, words),
  });
}

function captionOf(figure) {
  return figure.querySelector("figcaption") ?? document.createElement("figcaption");
}

function attributesOf(image) {
  return image ? { file: image.dataset.file, src: image.getAttribute("src") ?? "", alt: image.alt } : false;
}

class PictureView {
  constructor({ node, editor, getPos }, words) {
    Object.assign(this, { node, editor, getPos });
    this.dom = document.createElement("figure");
    this.dom.className = "editor__picture";
    this.image = document.createElement("img");
    this.status = document.createElement("p");
    this.status.className = "editor__sending";
    this.status.setAttribute("role", "status");
    this.contentDOM = document.createElement("figcaption");
    this.contentDOM.dataset.placeholder = words.caption;
    const label = document.createElement("label");
    label.className = "editor__alt";
    label.contentEditable = "false";
    this.alt = document.createElement("input");
    Object.assign(this.alt, { type: "text", maxLength: 300 });
    this.alt.addEventListener("input", () => this.change({ alt: this.alt.value }));
    label.append(words.alt, this.alt);
    this.dom.append(this.image, this.status, this.contentDOM, label);
    this.update(node);
  }

  change(attributes) {
    const at = this.getPos();
    if (at === undefined) return;
    const { tr } = this.editor.state;
    for (const [name, value] of Object.entries(attributes)) tr.setNodeAttribute(at, name, value);
    this.editor.view.dispatch(tr);
  }

  update(node) {
    if (node.type.name !== "picture") return false;
    this.node = node;
    const { src, alt, sending } = node.attrs;
    const shown = src || sending?.thumbnail || "";
    if (shown && this.image.getAttribute("src") !== shown) this.image.src = shown;
    this.image.hidden = !shown;
    this.image.alt = alt;
    this.status.textContent = sending?.status ?? "";
    this.status.hidden = !sending;
    if (this.alt.value !== alt) this.alt.value = alt;
    return true;
  }

  stopEvent({ target }) {
    return target === this.alt;
  }

  ignoreMutation({ target, type }) {
    return type !== "selection" && !this.contentDOM.contains(target);
  }
}

/* Sends pictures and puts them into the text. `working` are those on their way; `arrived` is called after the last. */
export class Pictures {
  constructor(editor, words, say) {
    Object.assign(this, { editor, words, say });
    this.working = new Set();
    this.cancelled = new AbortController();
  }

  /* Takes the pictures among these files; returns whether there was one. */
  take(files) {
    const pictures = [...files].filter(({ type }) => type.startsWith("image/"));
    for (const picture of pictures) this.send(picture);
    return pictures.length > 0;
  }

  async send(chosen) {
    const file = await prepare(chosen);
    if (!file) return;
    const id = newId();
    this.working.add(id);
    const thumbnail = await thumbnailOf(file);
    const sending = (part) => ({ id, thumbnail, status: this.words.sending.replace("{percent}", percent(part)) });
    this.editor.chain().insertContent({ type: "picture", attrs: { sending: sending(0) } }).run();
    let result;
    try {
      result = await upload(file, {
        signal: this.cancelled.signal,
        onProgress: ({ sent, size }) => this.set(id, { sending: sending(sent / size) }),
      });
    } catch {
      result = null; /* the page is left */
    }
    this.working.delete(id);
    if (!this.working.size) this.arrived?.();
    if (!result) return;
    if (result.key && result.is_picture) this.set(id, { file: result.key, src: result.medium, sending: null });
    else this.fail(id, file.name, result.error || this.words.failed);
  }

  fail(id, name, why) {
    this.each(id, (tr, node, at) => tr.delete(at, at + node.nodeSize));
    this.say(`${name}: ${why}`);
  }

  set(id, attributes) {
    this.each(id, (tr, node, at) => {
      for (const [name, value] of Object.entries(attributes)) tr.setNodeAttribute(at, name, value);
    }, attributes.sending === null);
  }

  /* Changes the picture of this upload, wherever it is by now. Progress is no change of the text. */
  each(id, change, isText = true) {
    const { tr, doc } = this.editor.state;
    doc.descendants((node, at) => {
      if (node.attrs.sending?.id === id) change(tr, node, at);
    });
    tr.setMeta("addToHistory", false);
    if (!isText) tr.setMeta("preventUpdate", true);
    if (tr.docChanged) this.editor.view.dispatch(tr);
  }

  destroy() {
    this.cancelled.abort();
  }
}

function percent(part) {
  return part.toLocaleString(document.documentElement.lang, { style: "percent" });
}

/* A small copy as a data address, which is all that the policy of our pages lets a script show. */
async function thumbnailOf(file) {
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, THUMBNAIL_PX / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: Math.max(1, bitmap.width * scale), height: Math.max(1, bitmap.height * scale) });
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return canvas.toDataURL("image/jpeg", 0.7);
  } catch {
    return "";
  }
}
