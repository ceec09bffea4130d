import { ConnectedElement } from "js/lib/connected_element.js";

const SWIPE_PX = 48;

/* <picture-gallery data-place> has a[data-width][data-height] to large pictures, and the template of a dialog.view. A
 * link opens the dialog, which shows one picture after the other: by its buttons, the arrow keys and a swipe. Without this
 * script a link leads to the picture itself. */
class PictureGallery extends ConnectedElement {
  connected() {
    this.listen(this, "click", (event) => this.press(event));
  }

  get links() {
    return [...this.querySelectorAll("a[data-width]")];
  }

  press(event) {
    const link = event.target.closest("a[data-width]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.view ??= this.createView();
    this.show(this.links.indexOf(link));
    this.view.showModal();
  }

  createView() {
    const view = this.querySelector("template").content.firstElementChild.cloneNode(true);
    this.listen(view, "click", ({ target }) => {
      const step = target.closest("[data-step]");
      if (step) this.step(Number(step.dataset.step));
      else if (target === view || target.closest("[data-close]")) view.close();
    });
    this.listen(view, "keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step) this.step(step);
    });
    this.listen(view, "pointerdown", ({ clientX }) => (this.from = clientX));
    this.listen(view, "pointerup", ({ clientX, pointerType }) => {
      const moved = clientX - this.from;
      if (pointerType === "touch" && Math.abs(moved) > SWIPE_PX) this.step(moved < 0 ? 1 : -1);
    });
    this.append(view);
    return view;
  }

  step(by) {
    if (this.links[this.number + by]) this.show(this.number + by);
  }

  show(number) {
    const { links, view } = this;
    const link = links[number];
    const small = link.querySelector("img");
    const [image, caption, place] = ["img", ".view__caption", ".view__place"].map((name) => view.querySelector(name));
    const { width, height, described } = link.dataset;
    this.number = number;
    image.removeAttribute("src"); /* the one before is not shown in the place of this one */
    Object.assign(image, { width, height, alt: small.alt, sizes: "100vw" });
    const smaller = link.querySelector("source")?.srcset || small.srcset || `${small.src} 480w`;
    image.srcset = `${smaller}, ${link.href} ${width}w`;
    image.lang = caption.lang = link.closest("[lang]").lang;
    caption.textContent = described === undefined ? "" : small.alt;
    place.textContent = links.length > 1 ? this.dataset.place.replace("{place}", number + 1).replace("{many}", links.length) : "";
    view.querySelector("[download]").href = link.dataset.file;
    for (const button of view.querySelectorAll("[data-step]")) {
      button.hidden = links.length < 2;
      button.setAttribute("aria-disabled", !links[number + Number(button.dataset.step)]);
    }
  }
}

customElements.define("picture-gallery", PictureGallery);
