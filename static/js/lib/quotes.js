const EDITOR_SIGN = "<!--html1-->"; /* how a text of the editor begins */
const CHARS_QUOTED = 280;
const SIGNS = /[[\]\\*_~`]/g;

/* What is quoted of an element: the words selected in it, or its beginning. */
export function wordsOf(prose, selected = "") {
  const words = (selected || prose.innerText).trim();
  if (selected || words.length <= CHARS_QUOTED) return words;
  return `${words.slice(0, words.lastIndexOf(" ", CHARS_QUOTED) + 1 || CHARS_QUOTED).trim()}…`;
}

/* A text as a form carries it with a quotation behind it: who said it, the address of that, and the words; as
 * community/posts/quotations.py makes it. */
export function withQuotation(text, quoted, isEditor = false) {
  if (text.startsWith(EDITOR_SIGN)) return text + asHtml(...quoted);
  if (isEditor && !text.trim()) return EDITOR_SIGN + asHtml(...quoted);
  return (text.trim() ? `${text.trimEnd()}\n\n` : "") + asMarkdown(...quoted);
}

function asMarkdown(name, address, words) {
  const lines = linesOf(words).map((line) => `> ${line}`);
  return `> [${name.replace(SIGNS, "")}](${address}):\n${lines.join("\n")}\n\n`;
}

function asHtml(name, address, words) {
  const said = linesOf(words).map((line) => `<p>${escaped(line)}</p>`);
  return `<blockquote><p><a href="${escaped(address)}">${escaped(name)}</a>:</p>${said.join("")}</blockquote><p></p>`;
}

function linesOf(words) {
  return words.split(/\n+/).map((line) => line.trim());
}

function escaped(text) {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
