import { announce } from "js/lib/announce.js";
import { ConnectedElement } from "js/lib/connected_element.js";
import { newId } from "js/lib/ids.js";
import { isPicture, prepare } from "js/lib/pictures.js";
import { recall, upload } from "js/lib/upload.js";

const THUMBNAIL_HEIGHT_PX = 160;
const UNITS = [["megabyte", 1024 * 1024], ["kilobyte", 1024], ["byte", 1]];

/* <file-attach data-most data-url ...texts> in a form > ul.attach__files of rows, the template of one, .attach__choose with
 * the file inputs, .attach__removed and .attach__held. Files are chosen, taken with the camera, dropped onto the form or
 * pasted into it, and sent at once; the form names those that have arrived, in the order of their rows, and so does its
 * draft. A row's data-state is sending, waiting (no connection), failed or arrived. While some have not arrived, the form
 * is held when it is submitted, until they have or the person lets it go. */
class FileAttach extends ConnectedElement {
  connected() {
    this.form = this.closest("form");
    this.list = this.querySelector(".attach__files");
    this.atFirst = [...this.list.children];
    this.sendings = new Map(); /* by row: {file, clientId, cancelled} */
    this.dataset.ready = "";
    for (const button of this.querySelectorAll("[data-do][hidden]:not(.attach__file *)")) button.hidden = false;
    for (const input of this.querySelectorAll("[type=file]")) {
      this.listen(input, "change", () => this.take(input));
      this.take(input);
    }
    this.listen(this, "click", ({ target }) => this.press(target.closest("[data-do]")));
    this.listen(this.form, "submit", (event) => this.hold(event), { capture: true });
    this.listen(this.form, "reset", () => this.reset());
    this.listen(this.form, "draft:restore", ({ detail }) => this.restore(detail.fields.files ?? ""));
    this.listen(this.form, "paste", (event) => this.paste(event));
    this.listen(this.form, "dragover", (event) => this.dragOver(event));
    this.listen(this.form, "dragleave", ({ relatedTarget }) => {
      if (!this.form.contains(relatedTarget)) delete this.dataset.drop;
    });
    this.listen(this.form, "drop", (event) => this.drop(event));
    this.listen(window, "beforeunload", (event) => {
      if (this.in("sending", "waiting").length) event.preventDefault();
    });
    this.form.dispatchEvent(new CustomEvent("draft:late"));
  }

  disconnected() {
    for (const { cancelled } of this.sendings.values()) cancelled.abort();
  }

  get rows() {
    return [...this.list.children];
  }

  in(...states) {
    return this.rows.filter((row) => states.includes(row.dataset.state));
  }

  take(input) {
    const files = [...input.files];
    input.value = "";
    this.add(files);
  }

  /* A program that copies text adds a picture of it. */
  paste(event) {
    const { files } = event.clipboardData;
    if (event.defaultPrevented || !files.length || event.clipboardData.getData("text/plain")) return;
    event.preventDefault();
    this.add([...files]);
  }

  dragOver(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    this.dataset.drop = "";
  }

  drop(event) {
    delete this.dataset.drop;
    if (event.defaultPrevented || !event.dataTransfer.files.length) return;
    event.preventDefault();
    this.add([...event.dataTransfer.files]);
  }

  async add(files) {
    for (const chosen of files) {
      if (this.rows.length >= Number(this.dataset.most)) {
        this.say(this.dataset.tooMany);
        return;
      }
      const file = await prepare(chosen);
      if (!file) continue;
      const row = this.addRow({ name: file.name, size: file.size, picture: isPicture(file) });
      this.drawThumbnail(row, file);
      this.sendings.set(row, { file, clientId: newId() });
      this.send(row);
    }
  }

  addRow({ name, size, picture }) {
    const row = this.querySelector("template").content.firstElementChild.cloneNode(true);
    this.list.append(row);
    this.fill(row, { name, size, picture });
    return row;
  }

  fill(row, { name, size, picture }) {
    for (const place of row.querySelectorAll("[data-name]")) place.textContent = name;
    row.querySelector(".attach__about").textContent = inWords(size);
    row.querySelector("progress").setAttribute("aria-label", this.dataset.sending.replace("{name}", name));
    row.toggleAttribute("data-picture", picture);
  }

  /* Drawn, since the security policy allows no address of a file on the device. */
  async drawThumbnail(row, file) {
    const bitmap = await createImageBitmap(file, { resizeHeight: THUMBNAIL_HEIGHT_PX }).catch(() => null);
    if (!bitmap || row.dataset.state === "arrived") return;
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    row.querySelector(".attach__picture").replaceChildren(canvas);
  }

  async send(row) {
    const sending = this.sendings.get(row);
    sending.cancelled = new AbortController();
    row.dataset.state = "sending";
    row.querySelector(".attach__state").textContent = "";
    const { file, clientId, cancelled } = sending;
    const options = { clientId, signal: cancelled.signal, onProgress: (progress) => this.progress(row, progress) };
    const answer = await upload(file, options).catch(() => null);
    if (!answer || cancelled.signal.aborted) return;
    if ("error" in answer) this.fail(row, answer);
    else this.arrive(row, answer);
    this.goOn();
  }

  progress(row, { sent, size, waiting }) {
    const bar = row.querySelector("progress");
    if (sent) bar.value = sent / size;
    if (waiting === (row.dataset.state === "waiting")) return;
    row.dataset.state = waiting ? "waiting" : "sending";
    row.querySelector(".attach__state").textContent = waiting ? this.dataset.waiting : "";
    announce(waiting ? this.dataset.waiting : this.dataset.goesOn);
  }

  fail(row, { error, reason }) {
    const text = error || this.dataset[reason === "signed-out" ? "signedOut" : reason];
    row.dataset.state = "failed";
    row.querySelector(".attach__state").textContent = text;
    row.querySelector('[data-do="again"]').hidden = /refused|unreadable/.test(reason);
    announce(`${this.nameOf(row)}: ${text}`);
  }

  arrive(row, file) {
    this.sendings.delete(row);
    this.name(row, file);
    announce(this.dataset.added.replace("{name}", file.name));
    this.changed();
  }

  /* From now on the form and its draft name the file. */
  name(row, { key, name, size, is_picture: picture, small }) {
    row.dataset.state = "arrived";
    this.fill(row, { name, size, picture });
    Object.assign(row.querySelector("[type=checkbox]"), { name: "files", value: key, checked: true });
    row.querySelector("[type=text]").name = `alt-${key}`;
    if (!small) return;
    const image = Object.assign(new Image(), { src: small, alt: "" });
    image.decode().then(() => row.querySelector(".attach__picture").replaceChildren(image), () => null);
  }

  /* The files of a draft, in its order; the form draft sets what its fields hold. */
  async restore(keys) {
    const wanted = keys.split("\n").filter(Boolean);
    const missing = wanted.filter((key) => !this.rowOf(key));
    for (const row of this.in("arrived")) if (!wanted.includes(keyOf(row))) row.remove();
    for (const key of missing) this.name(this.addRow({ name: "", size: 0, picture: false }), { key, name: "…", size: 0 });
    for (const key of wanted) this.list.append(this.rowOf(key));
    await Promise.all(missing.map((key) => this.recall(key)));
  }

  async recall(key) {
    const file = await recall(key);
    const row = this.rowOf(key);
    if (file && row) this.name(row, file);
    else if (file === null) row?.remove(); /* one that could not be asked for may be there: the form names it */
  }

  rowOf(key) {
    return this.rows.find((row) => keyOf(row) === key);
  }

  nameOf(row) {
    return row.querySelector("[data-name]").textContent;
  }

  press(button) {
    const row = button?.closest(".attach__file");
    const actions = {
      choose: () => this.querySelector("[name=upload]").click(),
      camera: () => this.querySelector("[capture]").click(),
      again: () => this.send(row),
      cancel: () => this.remove(row),
      remove: () => this.remove(row),
      undo: () => this.undo(),
      up: () => this.move(row, -1),
      down: () => this.move(row, 1),
      without: () => this.sendWithout(),
    };
    actions[button?.dataset.do]?.();
  }

  move(row, by) {
    const rows = this.rows;
    const place = rows.indexOf(row) + by;
    if (!rows[place]) return;
    if (by < 0) rows[place].before(row);
    else rows[place].after(row);
    const same = row.querySelector(`[data-do="${by < 0 ? "up" : "down"}"]`);
    const other = row.querySelector(`[data-do="${by < 0 ? "down" : "up"}"]`);
    (same.checkVisibility?.({ visibilityProperty: true }) === false ? other : same).focus();
    const { moved } = this.dataset;
    announce(moved.replace("{name}", this.nameOf(row)).replace("{place}", place + 1).replace("{many}", rows.length));
    this.changed();
  }

  remove(row) {
    const { nextElementSibling: next, previousElementSibling: previous } = row;
    const hadFocus = row.contains(document.activeElement);
    const isUndone = row.dataset.state === "arrived";
    this.sendings.get(row)?.cancelled.abort();
    this.sendings.delete(row);
    row.remove();
    this.removed = isUndone ? { row, next } : null;
    const text = this.dataset.removed.replace("{name}", this.nameOf(row));
    this.show("removed", isUndone ? text : "");
    announce(text);
    const after = isUndone ? this.querySelector('[data-do="undo"]') : (next ?? previous)?.querySelector("[data-do]:not([hidden])");
    if (hadFocus) (after ?? this.querySelector('[data-do="choose"]')).focus();
    this.changed();
    this.goOn();
  }

  undo() {
    const { row, next } = this.removed;
    this.list.insertBefore(row, next?.isConnected ? next : null);
    this.show("removed", "");
    row.querySelector('[data-do="remove"]').focus();
    this.changed();
  }

  reset() {
    for (const { cancelled } of this.sendings.values()) cancelled.abort();
    this.sendings.clear();
    this.list.replaceChildren(...this.atFirst);
    this.show("removed", "");
    this.release();
  }

  hold(event) {
    if (event.submitter?.formNoValidate || !this.in("sending", "waiting", "failed").length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.submitter = event.submitter;
    this.held = true;
    this.goOn();
    this.querySelector('[data-do="without"]').focus();
  }

  /* A held form is submitted when all files have arrived; if one cannot, the person decides. */
  goOn() {
    if (!this.held) return;
    if (this.in("sending", "waiting").length) {
      this.show("held", this.dataset.held);
      return;
    }
    const failed = this.in("failed").length;
    this.release();
    if (failed) this.show("held", this.dataset.incomplete);
    else this.form.requestSubmit(this.submitter);
  }

  release() {
    this.held = false;
    this.show("held", "");
  }

  sendWithout() {
    for (const row of this.in("sending", "waiting", "failed")) {
      this.sendings.get(row)?.cancelled.abort();
      this.sendings.delete(row);
      row.remove();
    }
    this.release();
    this.form.requestSubmit(this.submitter);
  }

  say(text) {
    this.show("removed", text);
    this.querySelector('[data-do="undo"]').hidden = true;
    announce(text);
  }

  /* The line about what was removed or is waited for. */
  show(name, text) {
    const line = this.querySelector(`.attach__${name}`);
    line.hidden = !text;
    line.firstElementChild.textContent = text;
    for (const button of line.querySelectorAll("button")) button.hidden = false;
  }

  changed() {
    this.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function keyOf(row) {
  return row.querySelector("[type=checkbox]").value;
}

function inWords(bytes) {
  const [unit, size] = UNITS.find(([, least]) => bytes >= least) ?? UNITS.at(-1);
  const style = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: unit === "megabyte" ? 1 : 0 };
  return bytes ? (bytes / size).toLocaleString(document.documentElement.lang, style) : "";
}

customElements.define("file-attach", FileAttach);
