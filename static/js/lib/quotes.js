const CHARS_QUOTED = 280;
const SIGNS = /[[\]\\*_~`]/g;

/* What is quoted of an element: the words selected in it, or its beginning. */
export function wordsOf(prose, selected = "") {
  const words = (selected || prose.innerText).trim();
  if (selected || words.length <= CHARS_QUOTED) return words;
  return `${words.slice(0, words.lastIndexOf(" ", CHARS_QUOTED) + 1 || CHARS_QUOTED).trim()}…`;
}

/* A quotation in our Markdown, with who said it and a link to it, as community/posts/quotations.py writes it. */
export function quotation(name, address, words) {
  const lines = words.split(/\n+/).map((line) => `> ${line.trim()}`);
  return `> [${name.replace(SIGNS, "")}](${address}):\n${lines.join("\n")}\n\n`;
}

/* The same as HTML, for an editor. */
export function quotationAsHtml(name, address, words) {
  const quote = document.createElement("blockquote");
  const who = document.createElement("p");
  who.append(Object.assign(document.createElement("a"), { href: address, textContent: name }), ":");
  const said = words.split(/\n+/).map((line) => Object.assign(document.createElement("p"), { textContent: line }));
  quote.append(who, ...said);
  return `${new XMLSerializer().serializeToString(quote)}<p></p>`;
}
