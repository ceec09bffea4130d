/* JSON values in the browser's storage. It may be disabled, blocked or full, or contain invalid JSON: then read() returns
 * null, write() returns false, and nothing throws. */
export class SafeStorage {
  constructor(openArea) {
    this.openArea = openArea;
  }

  read(key) {
    return this.#attempt((area) => JSON.parse(area.getItem(key)), null);
  }

  write(key, value) {
    return this.#attempt((area) => {
      area.setItem(key, JSON.stringify(value));
      return true;
    }, false);
  }

  remove(key) {
    this.#attempt((area) => area.removeItem(key));
  }

  /* All keys for which a test is true. */
  keys(test) {
    return this.#attempt((area) => Object.keys(area).filter(test), []);
  }

  #attempt(use, otherwise) {
    try {
      return use(this.openArea());
    } catch {
      return otherwise;
    }
  }
}

/* localStorage until it is cleared, sessionStorage until the tab is closed. */
export const deviceStorage = new SafeStorage(() => localStorage);
export const tabStorage = new SafeStorage(() => sessionStorage);
