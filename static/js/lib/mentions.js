const MENTION = /(?:^|[\s(])@([^\s@][^@\n]{0,40})?$/u;

/* The text after an @ at the end of `text`: "" right after the @, null when there is no such @. */
export function mentionAtEnd(text) {
  const found = text.match(MENTION);
  return found ? (found[1] ?? "") : null;
}

/* The people with a name of which some word starts with `typed`, ignoring case and accents. */
export function matchPeople(people, typed) {
  const prefix = withoutAccents(typed);
  return people.filter(({ name }) => {
    const plain = withoutAccents(name);
    return plain.startsWith(prefix) || plain.split(/[\s-]+/).some((word) => word.startsWith(prefix));
  });
}

function withoutAccents(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
