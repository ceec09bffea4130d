const COOKIE_IDS = 20;
const COOKIE_SECONDS = 60 * 24 * 60 * 60;

/* JSON values in the browser's storage. It may be missing (null in some in-app browsers), forbidden, full, cleared by
 * somebody meanwhile, or contain invalid JSON. What it does not take is kept in memory, until the page is left. Nothing
 * throws. */
export class SafeStorage {
  #memory = new Map();

  constructor(openArea) {
    this.openArea = openArea;
  }

  /* The value, or null. */
  read(key) {
    if (this.#memory.has(key)) return JSON.parse(this.#memory.get(key));
    return this.#attempt((area) => JSON.parse(area.getItem(key)), null);
  }

  /* Returns whether the value outlives the page. */
  write(key, value) {
    const json = JSON.stringify(value);
    const isStored = this.#attempt((area) => {
      area.setItem(key, json);
      return area.getItem(key) === json;
    }, false);
    if (!isStored) this.remove(key); /* an older value on the device would come back on the next page */
    if (isStored) this.#memory.delete(key);
    else this.#memory.set(key, json);
    return isStored;
  }

  remove(key) {
    this.#memory.delete(key);
    this.#attempt((area) => area.removeItem(key));
  }

  /* All keys for which a test is true. */
  keys(test) {
    const stored = this.#attempt((area) => Object.keys(area), []);
    return [...new Set([...stored, ...this.#memory.keys()])].filter(test);
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

/* A set of ids in a cookie, which the server reads too. */
export function cookieList(name) {
  const pair = document.cookie.split("; ").find((each) => each.startsWith(`${name}=`)) ?? "";
  const ids = new Set(pair.slice(name.length + 1).split(".").filter(Boolean));
  return {
    has: (id) => ids.has(id),
    set(id, isIn) {
      if (isIn) ids.add(id);
      else ids.delete(id);
      const secure = location.protocol === "https:" ? "; secure" : "";
      const value = [...ids].slice(-COOKIE_IDS).join(".");
      document.cookie = `${name}=${value}; path=/; max-age=${COOKIE_SECONDS}; samesite=lax${secure}`;
    },
  };
}

/* Written and removed on the device when somebody signs out, for the `storage` event in other tabs. */
export const SIGNED_OUT_KEY = "signed out";
