import { readJson, request } from "js/lib/http.js";
import { matchPeople, mentionAtEnd } from "js/lib/mentions.js";

const MAX_SUGGESTIONS = 6;

/* A custom element with data-url, data-offered, data-one, a list box, a status and a template of an option that suggests
 * people when @ is typed in a box: arrows select, Enter and Tab insert, Escape closes. They are fetched once, at the first
 * @. Focus stays in the box, with aria-activedescendant; the number of suggestions is announced politely. The box is a
 * text area, or an editor of rich text. */
export const offersMentions = (Base) =>
  class extends Base {
    connected() {
      super.connected();
      this.list = this.querySelector("[role=listbox]");
      this.status = this.querySelector("[role=status]");
      this.listen(this.list, "pointerdown", (event) => event.preventDefault());
      this.listen(this.list, "click", ({ target }) => this.insert(target.closest("[role=option]")));
    }

    /* Suggest people in the boxes within `place` to which the selector leads. */
    offerIn(place, selector) {
      const inBox = (listener) => (event) => {
        const box = event.target.closest?.(selector);
        if (box) listener(box, event);
      };
      this.listen(place, "input", inBox((box) => this.suggest(box)));
      this.listen(place, "focusout", inBox(() => this.close()));
      this.listen(place, "keydown", inBox((box, event) => this.key(box, event)), { capture: true });
    }

    /* What was typed after the @ before the cursor, or null. */
    get typed() {
      const before = this.box && textBeforeCursor(this.box);
      return before ? mentionAtEnd(before) : null;
    }

    async suggest(box) {
      if (box !== document.activeElement) return; /* written by a script, such as the area behind an editor */
      this.box = box;
      if (this.typed === null) {
        this.close();
        return;
      }
      this.found ??= this.fetchPeople();
      const found = await this.found;
      if (!found) this.found = null; /* retried at the next input */
      if (this.typed === null || document.activeElement !== this.box) this.close();
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
      this.box.setAttribute("aria-activedescendant", option.id);
    }

    key(box, event) {
      if (this.list.hidden || event.isComposing || box !== this.box) return;
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
      this.close();
      replaceBeforeCursor(this.box, typed.length + 1, `@${option.dataset.name} `);
    }

    close() {
      this.list.hidden = true;
      this.selected = null;
      this.list.replaceChildren();
      this.box?.removeAttribute("aria-activedescendant");
      this.status.textContent = "";
    }
  };

function textBeforeCursor(box) {
  if (box.matches("textarea")) {
    const { selectionStart, selectionEnd, value } = box;
    return selectionStart === selectionEnd ? value.slice(0, selectionStart) : "";
  }
  const { anchorNode, anchorOffset, isCollapsed } = document.getSelection();
  if (!isCollapsed || anchorNode?.nodeType !== Node.TEXT_NODE || !box.contains(anchorNode)) return "";
  return anchorNode.data.slice(0, anchorOffset);
}

function replaceBeforeCursor(box, length, text) {
  if (box.matches("textarea")) {
    const end = box.selectionStart;
    box.setRangeText(text, end - length, end, "end");
    box.dispatchEvent(new InputEvent("input", { bubbles: true }));
    return;
  }
  const { anchorNode, anchorOffset } = document.getSelection();
  document.getSelection().setBaseAndExtent(anchorNode, anchorOffset - length, anchorNode, anchorOffset);
  document.execCommand("insertText", false, text); /* as if typed, so that the editor knows of it */
}
