import { fetchPage } from "js/lib/http.js";

const DIALOG_URL = "/me/pictures/";
const PICTURE = /^image\/(jpeg|png|webp|avif|gif|bmp|tiff|heic|heif)$/;
const PICTURE_NAME = /\.(jpe?g|png|webp|avif|gif|bmp|tiff?|heic|heif)$/i;

const queue = { last: Promise.resolve() };

/* Let the person blur and crop a picture before it is sent. Resolves to the file to send, to null if the person decided
 * against it, or to the same file if it is no picture. Call it for one file after the other or for all at once: the dialog
 * shows them in turn. Its modules are loaded with the first picture. */
export function prepare(file) {
  if (!isPicture(file)) return Promise.resolve(file);
  const prepared = queue.last.then(() => ask(file));
  queue.last = prepared.catch(() => null);
  return prepared;
}

/* Some browsers know no type for a picture of a phone. */
export function isPicture({ name, type }) {
  return type ? PICTURE.test(type) : PICTURE_NAME.test(name);
}

/* Without a connection there is no dialog: the upload that follows reports that. */
async function ask(file) {
  const dialog = document.querySelector("picture-dialog") ?? (await load());
  return dialog ? dialog.ask(file) : file;
}

async function load() {
  const [answer, element] = await Promise.all([fetchPage(DIALOG_URL), import("js/picture-dialog.js").catch(() => null)]);
  const dialog = answer?.ok && element && answer.page.querySelector("picture-dialog");
  if (!dialog) return null;
  document.body.append(dialog);
  return dialog;
}
