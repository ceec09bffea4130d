import { announce } from "js/lib/announce.js";
import { newId } from "js/lib/ids.js";
import { RoomPart } from "js/lib/room_part.js";
import { deviceStorage } from "js/lib/storage.js";

const MAX_FILES = 10;
const REASONS = { "signed-out": "signedOut", unreadable: "unreadable" };

/* <room-files data-store ...texts> in the composer contains the files of the message being written: chosen, pasted,
 * dropped or taken with the camera, uploaded at once (lib/upload.js) and then stored on this device until the message is
 * sent. A message whose files are still on their way is sent when they are there. Emits `room:files` when nothing is on its way. */
class RoomFiles extends RoomPart {
  connected() {
    this.form = this.closest("form");
    this.list = this.querySelector("ul");
    this.input = this.form.querySelector("[type=file]");
    this.items = new Map();
    this.listen(this.input, "change", () => {
      this.add([...this.input.files]);
      this.input.value = "";
    });
    /* Before it is needed, since the connection may be gone by then. */
    this.listen(this.form, "focusin", () => import("js/attach.js").catch(() => {}), { once: true });
    this.listen(this.form, "paste", (event) => this.paste(event));
    for (const name of ["dragenter", "dragover"]) this.listen(this.room, name, (event) => this.drag(event));
    this.listen(this.room, "dragleave", ({ relatedTarget }) => this.showDrop(this.room.contains(relatedTarget)));
    this.listen(this.room, "drop", (event) => this.drop(event));
    this.listen(this, "click", ({ target }) => {
      const button = target.closest("button");
      if (button) this.press(button.closest("li").dataset.id);
    });
    this.listen(this, "input", ({ target }) => this.describe(target));
    this.listen(window, "beforeunload", (event) => {
      if (this.isUploading) event.preventDefault();
    });
    for (const node of this.list.children) this.takeOver(node);
    this.restore(deviceStorage.read(this.dataset.store) ?? []);
  }

  /* A file that the server rendered, with the form that it did not accept. */
  takeOver(node) {
    const [key, picture, name, alt] = ["key", "picture", "name", "alt"].map((of) => node.querySelector(`.tray__${of}`));
    const result = { key: key.value, name: name.textContent, is_picture: !picture.hidden, small: picture.src, alt: alt.value };
    const item = { id: key.value, name: result.name, result, node };
    this.items.set(item.id, item);
    this.show(item);
  }

  describe(input) {
    const item = this.items.get(input.closest("li").dataset.id);
    if (!item?.result || !input.matches(".tray__alt")) return;
    item.result.alt = input.value;
    this.store();
  }

  disconnected() {
    for (const { stop } of this.items.values()) stop?.abort();
  }

  get isUsed() {
    return this.items.size > 0;
  }

  get isUploading() {
    return [...this.items.values()].some(({ result, error }) => !result && !error);
  }

  get hasFailed() {
    return [...this.items.values()].some(({ error }) => error);
  }

  /* What the server said of the files that were uploaded. */
  get uploaded() {
    return [...this.items.values()].flatMap(({ result }) => result ?? []);
  }

  paste(event) {
    const { files, types } = event.clipboardData;
    /* Office programs put a picture of the text beside it. */
    if (!files.length || types.includes("text/plain")) return;
    event.preventDefault();
    this.add([...files]);
  }

  drag(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    this.showDrop(true);
  }

  drop(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    this.showDrop(false);
    this.add([...event.dataTransfer.files]);
  }

  showDrop(shown) {
    this.room.toggleAttribute("data-dropping", shown);
  }

  async add(files) {
    if (this.room.composer.editing) return;
    const free = MAX_FILES - this.items.size;
    this.say(files.length > free ? this.dataset.many : "");
    await Promise.all(files.slice(0, free).map((file) => this.send(file)));
  }

  async send(file) {
    const id = newId();
    const item = { id, name: file.name, stop: new AbortController() };
    this.items.set(id, item);
    this.show(item);
    this.area.focus();
    let result = null;
    try {
      const { prepare, upload } = await import("js/attach.js");
      const prepared = await prepare(file);
      const { signal } = item.stop;
      const onProgress = (progress) => this.showProgress(item, progress);
      if (prepared) result = await upload(prepared, { clientId: id, signal, onProgress });
    } catch {
      result = item.stop.signal.aborted ? null : { error: this.dataset.failed };
    }
    if (!this.items.has(id)) return;
    if (!result) this.remove(id);
    else if (result.key) this.arrived(item, result);
    else this.fail(item, result.error || this.dataset[REASONS[result.reason]] || this.dataset.failed);
  }

  arrived(item, result) {
    item.result = result;
    this.show(item);
    announce(this.dataset.ready.replace("{name}", result.name));
    this.store();
    if (!this.isUploading) this.emit("files");
  }

  fail(item, why) {
    item.error = why;
    this.show(item);
    announce(`${item.name}: ${why}`);
    if (!this.isUploading) this.emit("files");
  }

  press(id) {
    this.items.get(id).stop?.abort();
    this.remove(id);
    this.say("");
    this.area.focus();
  }

  remove(id) {
    this.items.get(id).node?.remove();
    this.items.delete(id);
    this.hidden = !this.isUsed;
    this.store();
    if (!this.isUploading) this.emit("files");
  }

  /* Take up files that were uploaded before. */
  restore(results) {
    for (const result of results) {
      if (this.items.has(result.key)) continue;
      const item = { id: result.key, name: result.name, result };
      this.items.set(item.id, item);
      this.show(item);
    }
    this.store();
  }

  /* Return the uploaded files, which leave the composer. */
  take() {
    const { uploaded } = this;
    this.clear();
    return uploaded;
  }

  clear() {
    for (const { stop, result } of this.items.values()) if (!result) stop.abort();
    this.items.clear();
    this.list.replaceChildren();
    this.hidden = true;
    this.say("");
    this.store();
  }

  store() {
    if (this.uploaded.length) deviceStorage.write(this.dataset.store, this.uploaded);
    else deviceStorage.remove(this.dataset.store);
  }

  get area() {
    return this.form.querySelector("textarea");
  }

  show(item) {
    if (!item.node) {
      item.node = this.querySelector("template").content.firstElementChild.cloneNode(true);
      this.list.append(item.node);
    }
    const { id, node, name, result, error } = item;
    const part = (of) => node.querySelector(`.tray__${of}`);
    const isPicture = Boolean(result?.is_picture);
    node.dataset.id = id;
    node.classList.toggle("tray--failed", Boolean(error));
    node.classList.toggle("tray--picture", isPicture);
    Object.assign(part("key"), { value: result?.key ?? "", disabled: !result, checked: true });
    Object.assign(part("picture"), { hidden: !isPicture, ...(isPicture && { src: result.small }) });
    Object.assign(part("name"), { hidden: isPicture, textContent: name });
    Object.assign(part("alt"), { hidden: !isPicture, value: result?.alt ?? "", name: `alt-${result?.key}` });
    part("state").textContent = error ?? "";
    part("progress").hidden = Boolean(result || error);
    node.querySelector("button").setAttribute("aria-label", this.dataset.remove.replace("{name}", name));
    this.hidden = false;
  }

  showProgress({ node }, { sent, size, waiting }) {
    node.querySelector("progress").value = size ? sent / size : 0;
    node.querySelector(".tray__state").textContent = waiting ? this.dataset.waiting : "";
  }

  say(words) {
    this.querySelector("[role=status]").textContent = words;
  }
}

customElements.define("room-files", RoomFiles);
