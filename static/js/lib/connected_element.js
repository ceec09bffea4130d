/* Base class of our custom elements. connected() runs when the element is added to the document; listeners of listen()
 * and timers of after() are removed when the element is removed. Moving it within the document triggers neither. */
export class ConnectedElement extends HTMLElement {
  #connection = null;
  #timers = new Set();

  connectedCallback() {
    if (this.#connection) return;
    this.#connection = new AbortController();
    this.connected();
  }

  disconnectedCallback() {
    if (this.isConnected) return;
    this.disconnected();
    this.#connection?.abort();
    this.#connection = null;
    this.#timers.forEach(clearTimeout);
    this.#timers.clear();
  }

  connected() {}

  disconnected() {}

  listen(target, type, listener, options = {}) {
    target.addEventListener(type, listener, { ...options, signal: this.#connection.signal });
  }

  /* Like setTimeout; does nothing once the element is disconnected. */
  after(milliseconds, callback) {
    if (!this.#connection) return undefined;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, milliseconds);
    this.#timers.add(timer);
    return timer;
  }

  cancel(timer) {
    clearTimeout(timer);
    this.#timers.delete(timer);
  }
}
