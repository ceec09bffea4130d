/* Base class of our custom elements. connected() runs when the element enters the document; what was set up there with
 * listen() and after() ends by itself when the element leaves it. Being moved within the document is neither. */
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

  /* Like setTimeout; does nothing once the element has left. */
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
