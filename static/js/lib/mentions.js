const MENTION = /(?:^|[\s(])@([^\s@][^@\n]{0,40})?$/u;

/* The text after an @ at the end of `text`: "" right after the @, null when there is no such @. */
export function mentionAtEnd(text) {
  const found = text.match(MENTION);
  return found ? (found[1] ?? "") : null;
}

/* The people with a name of which some word starts with `typed`, whatever case and diacritics. `letters` maps letters
 * that do not decompose, such as ł, to what they are searched by; the server sends its own table. */
export function matchPeople(people, typed, letters = {}) {
  const prefix = plain(typed, letters);
  return people.filter(({ name }) => {
    const whole = plain(name, letters);
    return whole.startsWith(prefix) || whole.split(/[\s-]+/).some((word) => word.startsWith(prefix));
  });
}

function plain(text, letters) {
  const lower = text.normalize("NFKD").toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  return [...lower].map((letter) => letters[letter] ?? letter).join("");
}
