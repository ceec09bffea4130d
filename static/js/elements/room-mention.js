import { readJson, request } from "js/lib/http.js";
import { matchPeople, mentionAtEnd } from "js/lib/mentions.js";
import { RoomPart } from "js/lib/room_part.js";

const MAX_SUGGESTIONS = 6;

/* <room-mention data-url data-offered data-one> around the composer's box suggests members of the room when @ is typed:
 * arrows select, Enter and Tab insert, Escape closes. They are fetched once, at the first @. Focus stays in the box, with
 * aria-activedescendant; the number of suggestions is announced politely. It also marks messages that mention the
 * reader. */
class RoomMention extends RoomPart {
  connected() {
    this.area = this.querySelector("textarea");
    this.list = this.querySelector("[role=listbox]");
    this.status = this.querySelector("[role=status]");
    this.listen(this.area, "input", () => this.suggest());
    this.listen(this.area, "blur", () => this.close());
    this.listen(this, "keydown", (event) => this.key(event), { capture: true });
    this.listen(this.list, "pointerdown", (event) => event.preventDefault());
    this.listen(this.list, "click", ({ target }) => this.insert(target.closest("[role=option]")));
    this.listen(this.room, "room:rendered", ({ target, detail }) => this.showMentioned(target, detail));
  }

  showMentioned(message, { to = [], gone }) {
    const mentioned = !gone && to.includes(Number(this.room.dataset.me));
    message.classList.toggle("message--to-me", mentioned);
    message.part("to").hidden = !mentioned;
  }

  /* What was typed after the @ before the cursor, or null. */
  get typed() {
    const { selectionStart, selectionEnd, value } = this.area;
    return selectionStart === selectionEnd ? mentionAtEnd(value.slice(0, selectionStart)) : null;
  }

  async suggest() {
    if (this.typed === null) {
      this.close();
      return;
    }
    this.found ??= this.fetchPeople();
    const found = await this.found;
    if (!found) this.found = null; /* retried at the next input */
    if (this.typed === null || document.activeElement !== this.area) this.close();
    else this.show(matchPeople(found?.members ?? [], this.typed, found?.letters).slice(0, MAX_SUGGESTIONS));
  }

  /* The members in the order of the reader's language, and the table of letters; null when they cannot be read. */
  async fetchPeople() {
    const response = await request(this.dataset.url);
    return response?.ok ? await readJson(response) : null;
  }

  show(people) {
    if (!people.length) {
      this.close();
      return;
    }
    this.list.replaceChildren(...people.map((person) => this.option(person)));
    this.list.hidden = false;
    this.select(this.list.firstElementChild);
    const { one, offered } = this.dataset;
    this.status.textContent = people.length === 1 ? one : offered.replace("{count}", people.length);
  }

  option({ id, name, role }) {
    const option = this.querySelector("template").content.firstElementChild.cloneNode(true);
    option.id = `mention-${id}`;
    option.dataset.name = name;
    option.querySelector(".mention__name").textContent = name;
    for (const badge of option.querySelectorAll("[data-role]")) badge.hidden = badge.dataset.role !== role;
    return option;
  }

  select(option) {
    this.selected?.setAttribute("aria-selected", "false");
    this.selected = option;
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.area.setAttribute("aria-activedescendant", option.id);
  }

  key(event) {
    if (this.list.hidden || event.isComposing || event.target !== this.area) return;
    const keys = {
      ArrowDown: () => this.select(this.selected.nextElementSibling ?? this.list.firstElementChild),
      ArrowUp: () => this.select(this.selected.previousElementSibling ?? this.list.lastElementChild),
      Enter: () => this.insert(this.selected),
      Tab: () => this.insert(this.selected),
      Escape: () => this.close(),
    };
    if (!keys[event.key] || (event.shiftKey && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
  }

  insert(option) {
    const { typed } = this;
    if (!option || typed === null) return;
    const end = this.area.selectionStart;
    this.area.setRangeText(`@${option.dataset.name} `, end - typed.length - 1, end, "end");
    this.close();
    this.area.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  close() {
    this.list.hidden = true;
    this.selected = null;
    this.list.replaceChildren();
    this.area.removeAttribute("aria-activedescendant");
    this.status.textContent = "";
  }
}

customElements.define("room-mention", RoomMention);
