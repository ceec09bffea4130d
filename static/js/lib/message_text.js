export const EXCERPT_CHARS = 120;
export const GROUPED_WITHIN_MS = 5 * 60_000;

/* The beginning of a text on one line. */
export function excerpt(text, length = EXCERPT_CHARS) {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

/* Nodes of HTML that the server sanitised; scripts in it are not executed. */
export function parseHtml(html) {
  return new DOMParser().parseFromString(html ?? "", "text/html").body;
}

/* What rendered text says as plain text: with the markers of lists and quotes, which are no text of the page, and with
 * the address of a link instead of its host. As `plain` of common/html.py. */
export function plainText(rendered) {
  const shown = rendered.cloneNode(true);
  for (const list of shown.querySelectorAll("ol, ul")) {
    [...list.children].forEach((item, index) => item.prepend(list.matches("ol") ? ` ${index + 1}. ` : " - "));
  }
  for (const quote of shown.querySelectorAll("blockquote")) quote.prepend("> ");
  for (const host of shown.querySelectorAll("small")) {
    host.textContent = host.closest("a") ? "" : `(${host.previousElementSibling?.getAttribute("href")})`;
  }
  return shown.textContent;
}

/* A moment in a time zone as year-month-day. */
export function dateInZone(moment, timeZone) {
  return new Intl.DateTimeFormat("en-CA", { timeZone }).format(moment);
}

/* A moment in the page's language. English has the British order and 24 hours, as on the server. */
export function formatMoment(moment, language, options) {
  return new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, options).format(moment);
}

/* Whether a message starts a day and whether it is grouped with the one before it; each is {at, by, gone}. */
export function groupMessage(message, before, timeZone) {
  const startsDay = !before || dateInZone(message.at, timeZone) !== dateInZone(before.at, timeZone);
  const follows =
    !startsDay && !message.gone && !before.gone && message.by === before.by && message.at - before.at < GROUPED_WITHIN_MS;
  return { startsDay, follows };
}
