/* The files of a message, as messaging/chat/attachments.py sends them: {id, name, type, size, w, h, alt}, or {id, hidden}
 * of one that a report has hidden. Only pictures have w and h. */
const ONE_PICTURE_PX = [320, 220];
const TILE_PX = [140, 105];
const NARROWEST_PX = 48;

export function isPicture(file) {
  return "w" in file;
}

/* How wide and high a picture is shown, so that its place is there before it is loaded: alone, or a tile among others. */
export function pictureSize({ w, h }, isAlone) {
  if (!isAlone) return TILE_PX;
  const [width, height] = ONE_PICTURE_PX;
  const scale = Math.min(1, width / (w || 1), height / (h || 1));
  return [w, h].map((length) => Math.max(NARROWEST_PX, Math.round((length || 1) * scale)));
}

/* A file as a few words that stand for a message without a text. */
export function fileInWords({ name, type }, { picture, file }) {
  return type?.startsWith("image/") ? picture : name || file;
}

/* A number of bytes in the page's language. */
export function sizeInWords(bytes, language) {
  const units = ["byte", "kilobyte", "megabyte"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(bytes || 1) / 10));
  const format = { style: "unit", unit: units[power], maximumFractionDigits: power ? 1 : 0 };
  return new Intl.NumberFormat(language, format).format(bytes / 1024 ** power);
}
