/* Cleans HTML that was pasted from a word processor, a mail or a web page, before the editor reads it: what looks bold is
 * bold, what looks like a list is one, and nothing else of the look is left. */

const HEADINGS = { H1: "h3", H2: "h3", H3: "h4", H5: "h4", H6: "h4" };
const DROPPED = "style, script, meta, link, title, head, xml, noscript, template, svg, math, button, select, input, img:not([data-file]), [hidden]";
const BLOCKS = "p, div, ul, ol, li, table, blockquote, pre, figure, h1, h2, h3, h4, h5, h6";
const KEPT = ["href", "colspan", "rowspan", "start", "data-file", "src", "alt"];
const REDIRECT = /^https?:\/\/(?:www\.)?google\.[a-z.]+\/url\?/i;

export function cleanPasted(html) {
  if (html.includes("data-pm-slice")) return html; /* from an editor like this one */
  const { body } = new DOMParser().parseFromString(withoutStyles(html), "text/html");
  body.querySelectorAll(DROPPED).forEach((element) => element.remove());
  body.querySelectorAll("*").forEach((element) => {
    if (element.localName.includes(":")) element.replaceWith(...element.childNodes); /* <o:p> */
  });
  makeWordLists(body);
  body.querySelectorAll("span, b, i, font, p, td").forEach(markLook);
  body.querySelectorAll("h1, h2, h3, h5, h6").forEach((heading) => rename(heading, HEADINGS[heading.tagName]));
  body.querySelectorAll("a").forEach(mendLink);
  body.querySelectorAll("table").forEach(unwrapLayout);
  mendListsInLists(body);
  mendSpaces(body);
  body.querySelectorAll("div").forEach((box) => {
    if (!box.querySelector(BLOCKS)) rename(box, "p");
  });
  body.querySelectorAll("*").forEach((element) => {
    for (const name of element.getAttributeNames()) if (!KEPT.includes(name)) element.removeAttribute(name);
  });
  body.querySelectorAll("p, h3, h4").forEach((block) => {
    if (!block.textContent.trim() && !block.querySelector("img")) block.remove();
  });
  return new XMLSerializer().serializeToString(body).replace(/^<body[^>]*>|<\/body>$/g, "");
}

/* A style attribute would be refused by the policy of the page where it is parsed, and is needed under another name. */
function withoutStyles(html) {
  return html
    .replace(/<!--[\s\S]*?-->|<!\[(?:if|endif)[^>]*>|<\?xml[^>]*>/gi, "")
    .replace(/<(style|script|title)\b[\s\S]*?<\/\1\s*>/gi, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\s(?:style)\s*=/gi, " data-look="));
}

function lookOf(element) {
  return element.getAttribute("data-look") ?? "";
}

function rename(element, name) {
  const renamed = document.createElement(name);
  renamed.append(...element.childNodes);
  element.replaceWith(renamed);
  return renamed;
}

function unwrap(element) {
  element.replaceWith(...element.childNodes);
}

/* Bold, italics and the like that are said by a style alone, as Google Docs says them; and <b> that says it is not bold. */
function markLook(element) {
  const look = lookOf(element);
  const weight = look.match(/(?:^|;)\s*font-weight:\s*(\w+)/i)?.[1];
  const isBold = weight ? /^(?:bold|bolder|[6-9]00)$/.test(weight) : element.localName === "b";
  const slant = look.match(/(?:^|;)\s*font-style:\s*(\w+)/i)?.[1];
  const isItalic = slant ? slant === "italic" : element.localName === "i";
  const marks = [
    isBold && "strong",
    isItalic && "em",
    /text-decoration[^;]*line-through/i.test(look) && "s",
    /vertical-align:\s*super/i.test(look) && "sup",
    /vertical-align:\s*sub/i.test(look) && "sub",
  ].filter((mark) => mark);
  const isBlock = /^(?:p|td)$/.test(element.localName);
  const holdsBlocks = element.querySelector(BLOCKS);
  if (marks.length && element.textContent.trim() && !holdsBlocks) {
    const inner = marks.reduce((inside, mark) => {
      const marked = document.createElement(mark);
      marked.append(...inside);
      return [marked];
    }, [...element.childNodes]);
    element.replaceChildren(...inner);
  }
  if (!isBlock) unwrap(element);
}

/* Word writes the items of a list as paragraphs with their level in a style, and the sign as text. */
function makeWordLists(body) {
  let open = [];
  let previous = null;
  for (const item of [...body.querySelectorAll("p")]) {
    const level = Number(lookOf(item).match(/mso-list:\s*l\d+\s+level(\d)/i)?.[1]);
    if (!level) continue;
    if (previous?.nextElementSibling !== item) open = [];
    const sign = [...item.querySelectorAll("span")].find((span) => /mso-list:\s*ignore/i.test(lookOf(span)));
    const isOrdered = /^\s*\(?(?:\d+|[a-z]{1,4})[.)]/i.test(sign?.textContent ?? "");
    sign?.remove();
    open.length = Math.min(open.length, level);
    while (open.length < level) {
      const list = document.createElement(isOrdered ? "ol" : "ul");
      const parent = open.at(-1);
      if (parent) (parent.lastElementChild ?? parent.appendChild(document.createElement("li"))).append(list);
      else item.before(list);
      open.push(list);
    }
    previous = open[0];
    const entry = document.createElement("li");
    const paragraph = document.createElement("p");
    paragraph.append(...item.childNodes);
    entry.append(paragraph);
    open.at(-1).append(entry);
    item.remove();
  }
}

/* Google Docs and old pages put a list beside the item that it belongs to. */
function mendListsInLists(body) {
  body.querySelectorAll(":is(ul, ol) > :is(ul, ol)").forEach((list) => {
    const item = list.previousElementSibling ?? list.parentElement.insertBefore(document.createElement("li"), list);
    item.append(list);
  });
}

function mendLink(link) {
  let href = link.getAttribute("href")?.trim() ?? "";
  if (REDIRECT.test(href)) href = new URL(href).searchParams.get("q") ?? href;
  if (/^(?:https?:|mailto:)/i.test(href) && link.textContent.trim()) link.setAttribute("href", href);
  else unwrap(link);
}

/* A table of one cell is a frame of a mail or of a page. */
function unwrapLayout(table) {
  const cells = table.querySelectorAll("td, th");
  if (cells.length === 1) table.replaceWith(...cells[0].childNodes);
}

/* No-break spaces in a row are an indentation; a single one may be typography. */
function mendSpaces(body) {
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement.closest("pre")) node.data = node.data.replace(/[\s\u00a0]*\u00a0[\s\u00a0]+|\s+\u00a0/g, " ").replace(/[\t\n\r ]+/g, " ");
  }
}
