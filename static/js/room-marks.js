/* <room-marks data-url> holds the marks one can give a message. Asked for by a message's link, it opens
 * under that message, says who gave which, and closes with Escape; given marks are buttons that take one's own away
 * again. */
class RoomMarks extends HTMLElement {
  connectedCallback() {
    this.room = this.closest("live-room");
    this.picker = this.querySelector(".picker");
    this.choices = [...this.picker.querySelectorAll(".mark")];
    this.room.addEventListener("click", (event) => this.press(event));
    this.picker.addEventListener("keydown", (event) => event.key === "Escape" && this.close(event));
    this.room.addEventListener("room:filled", ({ target, detail }) => this.draw(target, detail));
  }

  press(event) {
    const message = event.target.closest("room-message");
    if (!message || !this.room.stream || event.ctrlKey || event.metaKey) return;
    if (event.target.closest("[data-word=react] a")) {
      event.preventDefault();
      return this.open(message);
    }
    const mark = event.target.closest(".mark");
    if (!mark) return;
    event.preventDefault();
    this.give(Number(message.dataset.n), mark.value, mark.getAttribute("aria-pressed") !== "true");
    if (this.picker.contains(mark)) this.close(event);
  }

  give(n, mark, on) {
    const url = this.dataset.url.replace("/0/", `/${n}/`);
    this.room.querySelector("room-deeds").ask({ t: "react", n, mark, on }, url, { mark, on: on ? 1 : 0 });
  }

  open(message) {
    if (this.message === message) return this.close();
    this.message = message;
    const given = new Map([...message.querySelectorAll(".marks .mark")].map((mark) => [mark.value, mark]));
    for (const choice of this.choices) choice.setAttribute("aria-pressed", given.get(choice.value)?.getAttribute("aria-pressed") ?? "false");
    this.picker.querySelector(".picker__who").textContent = [...given.values()].map(({ title }) => title).join("\n");
    this.room.keepPlace(() => message.querySelector(".message__body").append(this.picker));
    this.choices[0].focus();
    this.picker.scrollIntoView({ block: "nearest" });
  }

  close(event) {
    event?.stopPropagation();
    event?.preventDefault();
    const held = this.picker.contains(document.activeElement);
    this.room.keepPlace(() => this.append(this.picker));
    if (held) this.message.focus({ preventScroll: true });
    this.message = null;
  }

  draw(message, { gone, marks = {} }) {
    if (gone && this.message === message) this.close();
    const list = message.querySelector(".marks");
    const held = list.contains(document.activeElement) && document.activeElement.value;
    const given = this.choices.filter(({ value }) => !gone && marks[value]?.length);
    list.replaceChildren(...given.map((choice) => this.shown(choice, marks[choice.value])));
    list.hidden = !given.length;
    if (held) (list.querySelector(`[value="${held}"]`) ?? message).focus({ preventScroll: true });
  }

  shown(choice, people) {
    const mark = choice.cloneNode(true);
    mark.type = "button";
    mark.title = `${mark.querySelector(".mark__word").textContent}: ${people.map(([, name]) => name).join(", ")}`;
    mark.setAttribute("aria-pressed", people.some(([id]) => id === Number(this.room.dataset.me)));
    mark.append(Object.assign(document.createElement("span"), { className: "mark__count", textContent: people.length }));
    return mark;
  }
}

customElements.define("room-marks", RoomMarks);
