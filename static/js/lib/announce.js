const SILENT_AFTER_MS = 5000;

/* Have a screen reader say this politely, once, however many elements of the page report it. */
export function announce(text) {
  const place = document.getElementById("announcements");
  if (!text || !place || place.textContent === text) return;
  place.textContent = text;
  setTimeout(() => {
    if (place.textContent === text) place.textContent = "";
  }, SILENT_AFTER_MS);
}
