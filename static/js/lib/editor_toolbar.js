/* The toolbar of the editor: one stop for the tab key, arrow keys between its buttons, and what is so at the caret is
 * pressed. What a button does is looked up by its `data-do`. */
export class Toolbar {
  constructor(bar, editor, actions) {
    Object.assign(this, { bar, editor, actions });
    this.buttons = [...bar.querySelectorAll("[data-do]")];
    bar.addEventListener("mousedown", (event) => event.preventDefault()); /* keeps the focus in the text */
    bar.addEventListener("click", (event) => this.click(event));
    bar.addEventListener("keydown", (event) => this.move(event));
    bar.addEventListener("focusin", ({ target }) => this.stopAt(target));
    this.refresh();
    this.stopAt(this.buttons[0]);
  }

  get reachable() {
    return this.buttons.filter((button) => button.offsetParent !== null);
  }

  focus() {
    this.buttons.find((button) => button.tabIndex === 0 && button.offsetParent !== null)?.focus();
  }

  stopAt(stop) {
    if (!this.buttons.includes(stop)) return;
    for (const button of this.buttons) button.tabIndex = button === stop ? 0 : -1;
  }

  move(event) {
    const { reachable } = this;
    const at = reachable.indexOf(event.target);
    const rtl = getComputedStyle(this.bar).direction === "rtl" ? -1 : 1;
    const steps = { ArrowRight: rtl, ArrowLeft: -rtl, Home: -at, End: reachable.length - 1 - at };
    if (event.key === "Escape") this.editor.commands.focus();
    else if (event.key in steps) reachable.at((at + steps[event.key]) % reachable.length).focus();
    else return;
    event.preventDefault();
  }

  click({ target }) {
    const button = target.closest("[data-do]");
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    const name = button.dataset.do;
    if (name === "more") {
      const opened = this.bar.toggleAttribute("data-more");
      button.setAttribute("aria-expanded", String(opened));
      return;
    }
    this.actions[name].run(this.editor);
    this.refresh();
  }

  refresh() {
    const { editor } = this;
    const inTable = editor.isActive("table");
    if (inTable !== this.inTable) this.bar.toggleAttribute("data-in-table", (this.inTable = inTable));
    for (const button of this.buttons) {
      const { active, can } = this.actions[button.dataset.do] ?? {};
      if (active) set(button, "aria-pressed", String(active(editor)));
      if (can) set(button, "aria-disabled", String(!can(editor)));
    }
    const stop = this.buttons.find((button) => button.tabIndex === 0);
    if (stop?.offsetParent === null && this.reachable.length) this.stopAt(this.reachable[0]);
  }
}

function set(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
