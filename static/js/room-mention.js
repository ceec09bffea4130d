/* <room-mention data-url data-offered data-one> round the composer's box offers the people of the room when @ is typed:
 * arrows choose, Enter and Tab take, Escape leaves. They are asked for once, at the first @. Focus stays in the box,
 * which names the chosen one; how many there are is said politely. It also marks messages that name the reader. */
const TYPED = /(?:^|[\s(])@([^\s@][^@\n]{0,40})?$/u;
const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();

class RoomMention extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea");
    this.list = this.querySelector("[role=listbox]");
    this.status = this.querySelector("[role=status]");
    this.area.addEventListener("input", () => this.look());
    this.area.addEventListener("blur", () => this.close());
    this.addEventListener("keydown", (event) => this.key(event), { capture: true });
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", ({ target }) => this.take(target.closest("[role=option]")));
    const room = this.closest("live-room");
    room.addEventListener("room:filled", ({ target, detail: { to = [], gone } }) => {
      const me = !gone && to.includes(Number(room.dataset.me));
      target.classList.toggle("message--to-me", me);
      target.querySelector(".message__to").hidden = !me;
    });
  }

  get typed() {
    const { selectionStart, selectionEnd, value } = this.area;
    return selectionStart === selectionEnd && value.slice(0, selectionStart).match(TYPED);
  }

  async look() {
    if (!this.typed) return this.close();
    this.people ??= fetch(this.dataset.url, { headers: { Accept: "application/json" } })
      .then((answer) => answer.json())
      .then(({ members }) => members.sort((one, other) => one.name.localeCompare(other.name, document.documentElement.lang)))
      .catch(() => (this.people = null) ?? []);
    const people = await this.people;
    const typed = this.typed;
    if (!typed || document.activeElement !== this.area) return this.close();
    const begun = plain(typed[1] ?? "");
    const named = ({ name }) => plain(name).startsWith(begun) || plain(name).split(/[\s-]+/).some((word) => word.startsWith(begun));
    this.show(people.filter(named).slice(0, 6));
  }

  show(people) {
    if (!people.length) return this.close();
    this.list.replaceChildren(...people.map(({ id, name, role }) => {
      const option = this.querySelector("template").content.firstElementChild.cloneNode(true);
      Object.assign(option, { id: `mention-${id}` }).dataset.name = name;
      option.querySelector(".mention__name").textContent = name;
      for (const badge of option.querySelectorAll("[data-role]")) badge.hidden = badge.dataset.role !== role;
      return option;
    }));
    this.list.hidden = false;
    this.choose(this.list.firstElementChild);
    const { one, offered } = this.dataset;
    this.status.textContent = people.length === 1 ? one : offered.replace("{count}", people.length);
  }

  choose(option) {
    this.chosen?.setAttribute("aria-selected", "false");
    this.chosen = option;
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.area.setAttribute("aria-activedescendant", option.id);
  }

  key(event) {
    if (this.list.hidden || event.isComposing || event.target !== this.area) return;
    const deeds = {
      ArrowDown: () => this.choose(this.chosen.nextElementSibling ?? this.list.firstElementChild),
      ArrowUp: () => this.choose(this.chosen.previousElementSibling ?? this.list.lastElementChild),
      Enter: () => this.take(this.chosen),
      Tab: () => this.take(this.chosen),
      Escape: () => this.close(),
    };
    if (!deeds[event.key] || (event.shiftKey && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    deeds[event.key]();
  }

  take(option) {
    const typed = option && this.typed;
    if (!typed) return;
    const end = this.area.selectionStart;
    this.area.setRangeText(`@${option.dataset.name} `, end - (typed[1] ?? "").length - 1, end, "end");
    this.close();
    this.area.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  close() {
    this.list.hidden = true;
    this.chosen = null;
    this.list.replaceChildren();
    this.area.removeAttribute("aria-activedescendant");
    this.status.textContent = "";
  }
}

customElements.define("room-mention", RoomMention);
