import { fileInWords, isPicture, pictureSize, sizeInWords } from "js/lib/message_files.js";
import { dateInZone, formatMoment, parseHtml, plainText, groupMessage } from "js/lib/message_text.js";
import { RoomPart } from "js/lib/room_part.js";

const NESTED = ".message > div, .message header, .message__actions";

/* <room-message data-by data-cid> is one message of a <live-room>. The server renders what is shown of it, with data-cid
 * and data-text (what was typed) of one's own; complete() adds the hidden rest and data-n. render(m) updates it, and emits
 * `room:rendered` for the elements that render its quote and marks; arrange() groups it with the message before it.
 * Withdrawing and restoring use <room-actions> where the room is live; elsewhere the page's form is submitted. */
class RoomMessage extends RoomPart {
  connected() {
    this.complete();
    this.listen(this, "click", (event) => this.press(event));
  }

  /* Make what the server rendered a whole message. Emits `room:completed`. */
  complete() {
    if (this.dataset.n || !this.id) return;
    const restorable = Boolean(this.querySelector("[data-action=restore]"));
    const follows = !this.querySelector(".avatar");
    addMissing(this, this.room.blank);
    if (follows) this.querySelector(".avatar").replaceWith(this.previousElementSibling.querySelector(".avatar").cloneNode(true));
    this.identify(this.id.replace("message-", ""));
    this.prose.hidden = this.isWithdrawn || !this.prose.hasChildNodes();
    this.offerActions(this.isWithdrawn, restorable);
    this.emit("completed");
  }

  identify(number) {
    this.dataset.n = number;
    this.id = `message-${number}`;
    this.author.id = `by-${number}`;
    this.prose.id = `text-${number}`;
    this.part("files").id = `files-${number}`;
    this.time.parentElement.setAttribute("href", `#${this.id}`);
    for (const [name, value] of Object.entries({
      role: "article",
      tabindex: this.getAttribute("tabindex") ?? "-1",
      "aria-labelledby": `by-${number} text-${number} files-${number}`,
    })) {
      this.setAttribute(name, value);
    }
  }

  get isMine() {
    return this.dataset.by === this.room.dataset.me;
  }

  get isWithdrawn() {
    return this.classList.contains("message--gone");
  }

  get groupingKeys() {
    return { at: new Date(this.time.dateTime), by: this.dataset.by, gone: this.isWithdrawn };
  }

  get body() {
    return this.querySelector(":scope > div");
  }

  get prose() {
    return this.querySelector(".prose");
  }

  get author() {
    return this.querySelector("header > b");
  }

  get time() {
    return this.querySelector("header time");
  }

  get text() {
    if (this.isWithdrawn) return this.part("gone").textContent;
    return plainText(this.prose).trim() || this.firstFileInWords;
  }

  get hasFiles() {
    return !this.isWithdrawn && this.part("files").hasChildNodes();
  }

  get firstFileInWords() {
    const file = this.part("files").firstElementChild;
    const type = file?.matches(".message__picture") ? "image/" : "";
    return fileInWords({ type, name: file?.querySelector("span")?.textContent }, this.room.dataset);
  }

  render(m) {
    const hadFocus = this.part("actions").contains(document.activeElement);
    Object.assign(this.dataset, { by: m.by.id, cid: m.cid });
    this.identify(m.n);
    this.classList.toggle("message--gone", Boolean(m.gone));
    this.classList.toggle("message--mine", this.isMine);
    this.renderAuthor(m.by);
    this.renderTime(new Date(m.at));
    this.renderText(m);
    this.renderFiles(m.files ?? []);
    const ownRemoval = (m.own && this.isMine) || this.dataset.withdrawnHere === "true";
    this.offerActions(Boolean(m.gone), Boolean(m.gone) && ownRemoval);
    this.emit("rendered", m);
    this.arrange();
    if (hadFocus) this.querySelector(".message__actions > :not([hidden]) :is(button, a)")?.focus();
  }

  part(name) {
    return this.querySelector(`.message__${name}`);
  }

  /* The template has a hidden badge for each role that has one; the avatar has the badge's modifier. */
  renderAuthor({ name, initials, role }) {
    this.author.textContent = name;
    let modifier = "";
    for (const badge of this.querySelectorAll("[data-role]")) {
      badge.hidden = badge.dataset.role !== role;
      if (!badge.hidden) modifier = badge.className.match(/badge(--\w+)/)?.[1] ?? "";
    }
    const avatar = this.querySelector(".avatar");
    avatar.textContent = initials;
    avatar.className = `avatar${modifier && ` avatar${modifier}`}`;
  }

  renderTime(at) {
    const { lang } = document.documentElement;
    const timeZone = this.room.dataset.zone;
    const format = (options) => formatMoment(at, lang, { timeZone, ...options });
    const { time } = this;
    time.dateTime = at.toISOString();
    time.textContent = format({ timeStyle: "short" });
    time.title = format({ dateStyle: "full", timeStyle: "short" });
    const isToday = dateInZone(at, timeZone) === dateInZone(new Date(), timeZone);
    this.part("day").textContent = isToday ? this.room.dataset.today : format({ day: "numeric", month: "long" });
  }

  renderText(m) {
    const text = this.prose;
    text.replaceChildren(...parseHtml(m.html).childNodes);
    text.lang = m.lang ?? "";
    text.hidden = !text.hasChildNodes();
    this.part("gone").textContent = m.gone ? this.withdrawnText(m) : "";
    this.part("gone").hidden = !m.gone;
    this.part("edited").hidden = !m.edited;
    this.part("kept").hidden = !m.kept;
    if (m.kept) this.part("kept").querySelector("a").href = m.kept;
    if (this.isMine && !m.gone) this.dataset.text = m.text;
    else delete this.dataset.text;
  }

  /* What is shown already stays, so that a mark does not load a picture again. */
  renderFiles(files) {
    const container = this.part("files");
    const shown = [...files.filter(isPicture), ...files.filter((file) => !isPicture(file))];
    const now = shown.map(({ id, hidden }) => `${id}${hidden ? " hidden" : ""}`).join();
    const before = [...container.children].map(({ dataset, localName }) => `${dataset.id}${localName === "span" ? " hidden" : ""}`);
    container.hidden = !files.length;
    if (now === before.join()) return;
    const isAlone = files.filter(isPicture).length === 1;
    container.replaceChildren(...shown.map((file) => this.makeFile(file, isAlone)));
  }

  makeFile(file, isAlone) {
    const parts = this.room.querySelector("template[data-files]").content.children;
    const node = parts[file.hidden ? 0 : isPicture(file) ? 1 : 2].cloneNode(true);
    node.dataset.id = file.id;
    if (node.href) node.setAttribute("href", node.getAttribute("href").replace("/0/", `/${file.id}/`));
    const picture = node.querySelector("img");
    if (picture) {
      const url = parts[2].getAttribute("href").replace("/0/", `/${file.id}/`);
      Object.assign(node.dataset, { width: file.w, height: file.h, file: downloadUrl(url, file) });
      node.toggleAttribute("data-described", Boolean(file.alt));
      picture.src = picture.getAttribute("src").replace("/0/", `/${file.id}/`);
      [picture.width, picture.height] = pictureSize(file, isAlone);
      picture.alt = file.alt || this.room.dataset.picture;
    } else if (!file.hidden) {
      node.setAttribute("href", downloadUrl(node.getAttribute("href"), file));
      node.querySelector("span").textContent = file.name;
      node.querySelector("small").textContent = sizeInWords(file.size, document.documentElement.lang);
    }
    return node;
  }

  withdrawnText({ own, by }) {
    const { goneMine, goneTheirs, goneDown } = this.room.dataset;
    const withdrawn = this.isMine ? goneMine : goneTheirs;
    return (own ? withdrawn : goneDown).replace("{name}", by.name);
  }

  offerActions(gone, restorable) {
    const { keeper, takeBack, takeDown, open } = this.room.dataset;
    const canWrite = open !== undefined && !gone;
    this.offer("reply", canWrite);
    this.offer("react", canWrite);
    this.offer("keep", canWrite && this.part("kept").hidden);
    this.offer("edit", canWrite && this.isMine);
    this.offer("withdraw", !gone && (this.isMine || keeper === "true"));
    this.offer("report", !gone && !this.isMine);
    this.offer("restore", restorable);
    this.querySelector("[data-action=withdraw] button").textContent = this.isMine ? takeBack : takeDown;
  }

  /* URLs in the template have 0 as the number of the message. Keeping is in the template of those who may. */
  offer(name, allowed) {
    const action = this.querySelector(`[data-action="${name}"]`);
    if (!action) return;
    action.hidden = !allowed;
    const node = action.firstElementChild;
    const attribute = node.matches("a") ? "href" : "formaction";
    const { n } = this.dataset;
    const numbered = node.getAttribute(attribute).replace("/room/0/", `/room/${n}/`);
    node.setAttribute(attribute, numbered.replace(/((?:edit|re|at|mark)=|#message-)0\b/g, `$1${n}`));
  }

  arrange() {
    const before = this.previousElementSibling?.groupingKeys;
    const { startsDay, follows } = groupMessage(this.groupingKeys, before, this.room.dataset.zone);
    this.part("day").hidden = !startsDay;
    this.classList.toggle("message--follows", follows);
  }

  press(event) {
    const node = event.target.closest("[data-action] :is(a, button)");
    const action = node?.parentElement.dataset.action;
    if (action === "edit" && this.room.composer) {
      event.preventDefault();
      this.emit("edit", { n: this.dataset.n, text: this.dataset.text });
    } else if (/^(withdraw|restore)$/.test(action) && this.room.actions) {
      event.preventDefault();
      if (action === "withdraw") this.dataset.withdrawnHere = "true";
      this.room.actions.perform({ t: action, n: Number(this.dataset.n) }, node.formAction);
    }
  }
}

function downloadUrl(url, { name }) {
  return url.replace(/-$/, encodeURIComponent(name));
}

/* Clone into an element the parts of a blank one that it does not have, where the blank one has them. */
function addMissing(element, blank) {
  let before = null;
  for (const part of blank.children) {
    let own = [...element.children].find((child) => keyOf(child) === keyOf(part));
    if (own?.matches(NESTED)) addMissing(own, part);
    if (!own) {
      own = part.cloneNode(true);
      if (before) before.after(own);
      else element.prepend(own);
    }
    before = own;
  }
}

function keyOf({ dataset, classList, localName }) {
  return dataset.action ?? dataset.role ?? classList[0] ?? localName;
}

customElements.define("room-message", RoomMessage);
