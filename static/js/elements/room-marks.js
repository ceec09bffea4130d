import { RoomPart } from "js/lib/room_part.js";

/* <room-marks data-url> contains the picker of marks. A message's link opens it under that message, with a list of who
 * gave which mark, and Escape closes it. The marks of a message are buttons that toggle one's own. */
class RoomMarks extends RoomPart {
  connected() {
    this.picker = this.querySelector(".picker");
    this.choices = [...this.picker.querySelectorAll(".mark")];
    this.listen(this.room, "click", (event) => this.press(event));
    this.listen(this.picker, "keydown", (event) => {
      if (event.key === "Escape") this.close(event);
    });
    this.listen(this.room, "room:rendered", ({ target, detail }) => this.render(target, detail));
  }

  press(event) {
    const message = event.target.closest("room-message");
    if (!message || !this.room.stream || event.ctrlKey || event.metaKey) return;
    const mark = event.target.closest(".mark");
    if (event.target.closest("[data-action=react] a")) {
      event.preventDefault();
      this.open(message);
    } else if (mark) {
      event.preventDefault();
      this.give(Number(message.dataset.n), mark.value, mark.getAttribute("aria-pressed") !== "true");
      if (this.picker.contains(mark)) this.close(event);
    }
  }

  give(n, mark, on) {
    const url = this.dataset.url.replace("/0/", `/${n}/`);
    this.room.actions.perform({ t: "react", n, mark, on }, url, { mark, on: on ? 1 : 0 });
  }

  open(message) {
    if (this.message === message) {
      this.close();
      return;
    }
    this.message = message;
    const given = new Map([...message.querySelectorAll(".marks .mark")].map((mark) => [mark.value, mark]));
    for (const choice of this.choices) {
      choice.setAttribute("aria-pressed", given.get(choice.value)?.getAttribute("aria-pressed") ?? "false");
    }
    this.picker.querySelector(".picker__who").textContent = [...given.values()].map(({ title }) => title).join("\n");
    this.room.keepScrollPosition(() => message.body.append(this.picker));
    this.choices[0].focus();
    this.picker.scrollIntoView({ block: "nearest" });
  }

  close(event) {
    event?.stopPropagation();
    event?.preventDefault();
    const hadFocus = this.picker.contains(document.activeElement);
    this.room.keepScrollPosition(() => this.append(this.picker));
    if (hadFocus) this.message.focus({ preventScroll: true });
    this.message = null;
  }

  render(message, { gone, marks = {} }) {
    if (gone && this.message === message) this.close();
    const list = message.querySelector(".marks");
    const focused = list.contains(document.activeElement) && document.activeElement.value;
    const given = this.choices.filter(({ value }) => !gone && marks[value]?.length);
    list.replaceChildren(...given.map((choice) => this.button(choice, marks[choice.value])));
    list.hidden = !given.length;
    if (focused) (list.querySelector(`[value="${focused}"]`) ?? message).focus({ preventScroll: true });
  }

  button(choice, people) {
    const mark = choice.cloneNode(true);
    mark.title = `${mark.querySelector(".mark__word").textContent}: ${people.map(([, name]) => name).join(", ")}`;
    mark.setAttribute("aria-pressed", people.some(([id]) => id === Number(this.room.dataset.me)));
    mark.append(Object.assign(document.createElement("span"), { className: "mark__count", textContent: people.length }));
    return mark;
  }
}

customElements.define("room-marks", RoomMarks);
