/* Requests to our own server. */
export const REQUEST_TIMEOUT_MS = 8000;

/* The cookie has the current token even after another tab signed in again; a form of this page may have an old one. */
export function csrfToken() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
}

/* Resolves to the response, or to null after a timeout or error. Redirects are not followed: they lead to sign-in. */
export async function request(url, options = {}) {
  const { method = "GET", json, form, keepalive = false, timeoutMs = REQUEST_TIMEOUT_MS } = options;
  const headers = { Accept: "application/json" };
  let body;
  if (!/^(GET|HEAD)$/.test(method)) headers["X-CSRFToken"] = csrfToken();
  if (form) body = new URLSearchParams(form);
  if (json) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(json);
  }
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    return await fetch(url, { method, headers, body, keepalive, signal, redirect: "manual" });
  } catch {
    return null;
  }
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
