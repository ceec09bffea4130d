import { ConnectedElement } from "js/lib/connected_element.js";
import { request } from "js/lib/http.js";
import { aroundFace, aroundTap, averages, between, cellsOf, fitted, middle, renamed, stepped } from "js/lib/picture_edits.js";

const LONGEST_SIDE_PX = 2560;
const QUALITY = 0.9;
const TAP_PX = 6;
const ARROW = /^Arrow(Left|Right|Up|Down)$/;
/* These cannot be written by a canvas, or have no transparent parts. */
const AS_JPEG = /^$|jpeg|heic|heif|bmp|tiff/;

/* <picture-dialog data-url data-explains ...texts> > dialog in which a picture is blurred, cropped and turned before it is
 * sent. ask(file) opens it and resolves to the file to send, or to null. What is sent is drawn on this device from the
 * pixels that are shown: scaled down, without place and camera. data-explains: the reader has not seen the word about
 * pupils; the account remembers it when they go on. */
class PictureDialog extends ConnectedElement {
  connected() {
    this.dialog = this.querySelector("dialog");
    this.stage = this.querySelector(".picture__stage");
    this.canvas = this.stage.querySelector("canvas");
    this.box = this.stage.querySelector(".picture__frame");
    this.context = this.canvas.getContext("2d", { willReadFrequently: true });
    this.part("faces").hidden = !("FaceDetector" in globalThis);
    this.listen(this, "click", ({ target }) => this.press(target.closest("button")?.dataset.do));
    this.listen(this.dialog, "cancel", (event) => {
      event.preventDefault();
      this.end(null);
    });
    this.listen(this.dialog, "keydown", (event) => this.key(event));
    for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
      this.listen(this.canvas, type, (event) => this.drag(event));
    }
  }

  part(name) {
    return this.querySelector(`[data-do="${name}"]`);
  }

  /* One at a time: the caller waits for the answer before it asks again. */
  async ask(file) {
    this.file = file;
    this.edits = [];
    this.choose("blur");
    this.say("");
    const isShown = await this.show(file);
    this.classList.toggle("picture--blind", !isShown);
    this.showUndo();
    this.dialog.showModal();
    this.part("add").focus();
    return new Promise((resolve) => (this.resolve = resolve));
  }

  end(answer) {
    this.resolve?.(answer);
    this.resolve = null;
    this.base = null;
    this.canvas.width = this.canvas.height = 0; /* a phone has little memory */
    if (this.dialog.open) this.dialog.close();
  }

  /* Whether the browser can read the picture. */
  async show(file) {
    try {
      const picture = await createImageBitmap(file);
      this.base = scaled(picture, fitted(picture, LONGEST_SIDE_PX));
      picture.close();
    } catch {
      this.base = null;
      return false;
    }
    this.restart();
    return true;
  }

  /* The picture as it was chosen, then every edit. */
  restart() {
    this.draw(this.base);
    for (const edit of this.edits) this.apply(edit);
  }

  draw(source) {
    this.canvas.width = source.width;
    this.canvas.height = source.height;
    this.context.drawImage(source, 0, 0);
    this.frame = null;
    this.showFrame();
  }

  edit(edit, text) {
    this.edits.push(edit);
    this.apply(edit);
    this.frame = null;
    this.showFrame();
    this.showUndo();
    this.say(text);
  }

  apply({ tool, areas }) {
    if (tool === "blur") areas.forEach((area) => this.blur(area));
    if (tool === "crop") this.draw(copied(this.canvas, areas[0]));
    if (tool === "rotate") this.draw(turned(this.canvas));
  }

  blur({ x, y, width, height }) {
    const cells = cellsOf({ width, height }, this.canvas);
    const pixels = this.context.getImageData(x, y, width, height).data;
    const small = blank(cells.columns, cells.rows);
    const colours = new ImageData(averages(pixels, { width, height }, cells), cells.columns, cells.rows);
    small.getContext("2d").putImageData(colours, 0, 0);
    this.context.imageSmoothingEnabled = true;
    this.context.clearRect(x, y, width, height);
    this.context.drawImage(small, x, y, width, height);
  }

  choose(tool) {
    this.tool = tool;
    for (const name of ["blur", "crop"]) this.part(name).setAttribute("aria-pressed", name === tool);
    this.querySelector(".picture__how").textContent = this.dataset[`${tool}How`];
    this.frame = null;
    this.showFrame();
  }

  press(action) {
    if (action === "blur" || action === "crop") this.choose(action);
    if (action === "rotate") this.edit({ tool: "rotate" }, this.dataset.rotated);
    if (action === "undo") this.undo();
    if (action === "faces") this.findFaces();
    if (action === "cancel") this.end(null);
    if (action === "add") this.add();
  }

  undo() {
    if (!this.edits.pop()) return;
    this.restart();
    this.showUndo();
    this.say(this.dataset.undone);
  }

  async findFaces() {
    let found = [];
    try {
      found = await new FaceDetector({ maxDetectedFaces: 100 }).detect(this.canvas);
    } catch {
      /* The browser has the name only. */
    }
    const areas = found.map(({ boundingBox }) => aroundFace(boundingBox, this.canvas)).filter(isSomething);
    const { found: some, foundNone } = this.dataset;
    if (areas.length) this.edit({ tool: "blur", areas }, some.replace("{count}", areas.length));
    else this.say(foundNone);
  }

  /* A moving picture that nobody changed stays one. */
  async add() {
    const { resolve } = this;
    this.remember();
    if (!this.base || (this.file.type === "image/gif" && !this.edits.length)) return this.end(this.file);
    const type = AS_JPEG.test(this.file.type) ? "image/jpeg" : "image/webp";
    const blob = await new Promise((resolve) => this.canvas.toBlob(resolve, type, QUALITY));
    if (this.resolve !== resolve) return undefined; /* pressed twice, or closed meanwhile */
    if (!blob) return this.say(this.dataset.failed);
    const { name, lastModified } = this.file;
    return this.end(new File([blob], renamed(name, blob.type), { type: blob.type, lastModified }));
  }

  remember() {
    if (!("explains" in this.dataset)) return;
    delete this.dataset.explains;
    request(this.dataset.url, { method: "POST", keepalive: true });
  }

  drag(event) {
    const at = this.pointOf(event);
    if (event.type === "pointerdown" && event.isPrimary && !event.button) {
      this.canvas.setPointerCapture(event.pointerId);
      this.start = at;
      this.startOnPage = { x: event.clientX, y: event.clientY };
    }
    if (!this.start || !event.isPrimary) return;
    this.frame = between(this.start, at, this.canvas);
    if (event.type === "pointercancel") this.frame = null;
    this.showFrame();
    if (event.type === "pointermove" || event.type === "pointerdown") return;
    const { x, y } = this.startOnPage;
    const isTap = Math.hypot(event.clientX - x, event.clientY - y) < TAP_PX;
    if (isTap) this.frame = this.tool === "blur" && event.type === "pointerup" ? aroundTap(at, this.canvas) : null;
    this.start = null;
    this.use();
  }

  pointOf({ clientX, clientY }) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const x = ((clientX - left) / width) * this.canvas.width;
    return { x, y: ((clientY - top) / height) * this.canvas.height };
  }

  /* Blur or crop what the frame shows. */
  use() {
    const { frame, tool } = this;
    if (frame && isSomething(frame)) this.edit({ tool, areas: [frame] }, this.dataset[`${tool}Done`]);
    else this.showFrame();
  }

  key(event) {
    if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.undo();
    }
    if (event.target !== this.stage || !this.base) return;
    if (ARROW.test(event.key)) {
      event.preventDefault();
      const { canvas } = this;
      this.frame = this.frame ? stepped(this.frame, event.key, { sizes: event.shiftKey }, canvas) : middle(canvas);
      this.showFrame();
    } else if (event.key === "Enter" && this.frame) {
      event.preventDefault();
      this.use();
    } else if (event.key === "Escape" && this.frame) {
      event.preventDefault();
      this.frame = null;
      this.showFrame();
    }
  }

  showFrame() {
    this.box.hidden = !this.frame;
    if (!this.frame) return;
    const scale = this.canvas.clientWidth / this.canvas.width;
    const { x, y, width, height } = this.frame;
    const { style } = this.box;
    style.left = `${this.canvas.offsetLeft + x * scale}px`;
    style.top = `${this.canvas.offsetTop + y * scale}px`;
    style.width = `${width * scale}px`;
    style.height = `${height * scale}px`;
  }

  showUndo() {
    this.part("undo").disabled = !this.edits.length;
  }

  say(text) {
    this.querySelector("[role=status]").textContent = text;
  }
}

function isSomething({ width, height }) {
  return width > 0 && height > 0;
}

function blank(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height });
}

function scaled(picture, { width, height }) {
  const canvas = blank(width, height);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, width, height);
  return canvas;
}

function copied(source, { x, y, width, height }) {
  const canvas = blank(width, height);
  canvas.getContext("2d").drawImage(source, -x, -y);
  return canvas;
}

/* A quarter clockwise. */
function turned(source) {
  const canvas = blank(source.height, source.width);
  const context = canvas.getContext("2d");
  context.translate(source.height, 0);
  context.rotate(Math.PI / 2);
  context.drawImage(source, 0, 0);
  return canvas;
}

customElements.define("picture-dialog", PictureDialog);
