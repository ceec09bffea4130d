const MENTION = /(?:^|[\s(])@([^\s@][^@\n]{0,40})?$/u;

/* What was typed after an @ that ends `text`: "" right after it, null when there is no such @. */
export function mentionAtEnd(text) {
  const found = text.match(MENTION);
  return found ? (found[1] ?? "") : null;
}

/* The people of whose name some word begins like that, whatever the case and the accents. */
export function matchPeople(people, typed) {
  const begun = withoutAccents(typed);
  return people.filter(({ name }) => {
    const plain = withoutAccents(name);
    return plain.startsWith(begun) || plain.split(/[\s-]+/).some((word) => word.startsWith(begun));
  });
}

function withoutAccents(words) {
  return words.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}
