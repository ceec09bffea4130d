/* Typed text as HTML of the editor: an empty line begins a paragraph, another line break is one. */
export function paragraphs(text) {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const parts = escaped.split(/\n[^\S\n]*\n/).filter((part) => part.trim());
  return parts.map((part) => `<p>${part.replace(/^\n|\n$/g, "").replaceAll("\n", "<br>")}</p>`).join("");
}
