/* Requests to our own server. */
export const REQUEST_TIMEOUT_MS = 8000;

/* The cookie has the current token even after another tab signed in again; a form of this page may have an old one. */
export function csrfToken() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
}

/* Resolves to the response; to one of type "error" when none came in time; to null when the server could not be
 * reached. Redirects are not followed: they lead to sign-in. The server answers with one as well when somebody else than
 * the page's reader is signed in by now. `json`, `form` or `bytes` is the body; `cancelled` an AbortSignal. */
export async function request(url, options = {}) {
  const { method = "GET", json, form, bytes, keepalive = false, timeoutMs = REQUEST_TIMEOUT_MS, cancelled } = options;
  const timeout = AbortSignal.timeout?.(timeoutMs);
  const signal = cancelled && timeout ? AbortSignal.any?.([cancelled, timeout]) ?? cancelled : cancelled ?? timeout;
  try {
    const headers = { Accept: "application/json", ...options.headers };
    const { writer } = document.documentElement.dataset;
    if (writer) headers["X-Writer"] = writer;
    if (!/^(GET|HEAD)$/.test(method)) headers["X-CSRFToken"] = await currentToken(signal);
    let body = bytes;
    if (form) body = new URLSearchParams(form);
    if (json) {
      headers["Content-Type"] = "application/json";
      body = JSON.stringify(json);
    }
    return await fetch(url, { method, headers, body, keepalive, signal, redirect: "manual" });
  } catch {
    return timeout?.aborted ? Response.error() : null;
  }
}

/* The cookie may have been deleted while the page was open. Loading the page again sets a new one. */
async function currentToken(signal) {
  if (!csrfToken()) await fetch(location.href, { signal, redirect: "manual" });
  return csrfToken();
}

/* The body of a response, or null when it cannot be read. */
export async function readJson(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

/* Whether the server redirected to sign-in. */
export function isSignedOut(response) {
  return response?.type === "opaqueredirect";
}

/* A page of ours as a document, or null when it could not be fetched. */
export async function fetchPage(url) {
  try {
    const response = await fetch(url);
    return { ok: response.ok, page: new DOMParser().parseFromString(await response.text(), "text/html") };
  } catch {
    return null;
  }
}
