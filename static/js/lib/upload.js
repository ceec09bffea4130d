import { isSignedOut, readJson, request } from "js/lib/http.js";
import { newId } from "js/lib/ids.js";

const UPLOADS_URL = "/files/uploads/";
const UPLOADS_AT_ONCE = 2;
const FIRST_PIECE_BYTES = 128 * 1024;
const SMALLEST_PIECE_BYTES = 32 * 1024;
const LARGEST_PIECE_BYTES = 1024 * 1024;
const PIECE_SHOULD_TAKE_MS = 1500;
const PIECE_TIMEOUT_MS = 60_000;
const LAST_PIECE_TIMEOUT_MS = 180_000; /* the server makes the sizes of a picture before it answers */
const LONGEST_PAUSE_MS = 30_000;
const ERRORS_BEFORE_GIVING_UP = 6;

/* The uploads of all parts of a page: how many more may run, and the others in their order. */
const turns = { free: UPLOADS_AT_ONCE, waiting: [] };

/* Send a file to the server in pieces. Resolves to what the server says of it: {id, key, name, size, content_type,
 * is_picture, width, height, small, medium}, or {error, reason}: a sentence for the person, or empty, and why:
 * "refused" (it would be again), "failed" (the server), "signed-out", "unreadable" (it is not on the device any more).
 * A broken connection is waited for as long as it takes, and the upload goes on where it was. The same `clientId`
 * continues what was sent before. onProgress({ sent, size, waiting }); rejects when `signal` is aborted. */
export async function upload(file, options = {}) {
  await turn(options.signal);
  try {
    return await new Transfer(file, options).run();
  } finally {
    turns.free += 1;
    for (const wake of turns.waiting.splice(0)) wake();
  }
}

/* What the server says of a file that has arrived and waits for its post; null when it has it no more, undefined when it
 * could not say. */
export async function recall(key, send = request) {
  const response = await send(`${UPLOADS_URL}${key}/`, { method: "PATCH", headers: pieceHeaders(0), bytes: new ArrayBuffer(0) });
  if (response?.ok) return readJson(response);
  return !response?.status || response.status >= 423 ? undefined : null;
}

function pieceHeaders(offset) {
  return { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) };
}

async function turn(signal) {
  while (!turns.free) {
    await new Promise((resolve) => {
      turns.waiting.push(resolve);
      signal?.addEventListener("abort", resolve, { once: true });
    });
    signal?.throwIfAborted();
  }
  turns.free -= 1;
}

class Transfer {
  constructor(file, { onProgress = () => {}, signal, clientId = newId(), url = UPLOADS_URL, send = request }) {
    Object.assign(this, { file, onProgress, signal, clientId, url, send });
    this.where = "";
    this.offset = null; /* null: the server has to be asked */
    this.pieceBytes = FIRST_PIECE_BYTES;
    this.errors = 0;
    this.failures = 0;
  }

  async run() {
    for (;;) {
      if (this.signal?.aborted) return this.cancel();
      const piece = await this.readPiece();
      if (!piece) return { error: "", reason: "unreadable" };
      const began = performance.now();
      const response = await this.next(piece);
      if (this.signal?.aborted) continue;
      if (isSignedOut(response)) return { error: "", reason: "signed-out" };
      const result = await this.take(response, piece.byteLength, performance.now() - began);
      if (result) return result;
    }
  }

  /* The bytes that are sent next; none while it is not known which. A file may be gone from the device by now. */
  async readPiece() {
    const begin = this.offset ?? this.file.size;
    try {
      return await this.file.slice(begin, begin + this.pieceBytes).arrayBuffer();
    } catch {
      return null;
    }
  }

  /* Announce the file, ask how much of it the server has, or send a piece. */
  next(bytes) {
    const { where, offset, signal: cancelled } = this;
    const { name, size } = this.file;
    if (!where) {
      return this.send(this.url, { method: "POST", json: { name, size, client_id: this.clientId }, cancelled });
    }
    if (offset === null) return this.send(where, { method: "HEAD", cancelled });
    const isLast = offset + bytes.byteLength >= size;
    const timeoutMs = isLast ? LAST_PIECE_TIMEOUT_MS : PIECE_TIMEOUT_MS;
    return this.send(where, { method: "PATCH", headers: pieceHeaders(offset), bytes, timeoutMs, cancelled });
  }

  /* What follows from an answer: the result of the upload, or nothing yet. */
  async take(response, sent, took) {
    const status = response?.status ?? 0;
    if (!status || status >= 500 || status === 423) return this.pause(response);
    if (status === 404 || status === 410) return this.beginAgain();
    if (status === 409) {
      this.offset = null;
      return null;
    }
    if (status === 413 && this.pieceBytes > SMALLEST_PIECE_BYTES) {
      this.pieceBytes = Math.max(SMALLEST_PIECE_BYTES, this.pieceBytes / 4); /* a proxy takes less */
      return null;
    }
    const answer = (status !== 204 && (await readJson(response))) || {};
    if (answer.again) return this.pause(null); /* what is made of it is not ready */
    if (answer.error || !response.ok) {
      return { error: answer.error ?? "", reason: answer.error && status !== 429 ? "refused" : "failed" };
    }
    if (answer.key) return answer;
    this.where ||= response.headers.get("Location");
    if (!this.where) return { error: "", reason: "failed" };
    this.offset = Number(response.headers.get("Upload-Offset"));
    if (sent) {
      this.fitPiece(took);
      this.errors = this.failures = 0;
    }
    this.report();
    return null;
  }

  /* A piece takes about as long as a person waits to see that something moves. */
  fitPiece(took) {
    if (took < PIECE_SHOULD_TAKE_MS / 2) this.pieceBytes = Math.min(LARGEST_PIECE_BYTES, this.pieceBytes * 2);
    if (took > PIECE_SHOULD_TAKE_MS * 2) this.pieceBytes = Math.max(SMALLEST_PIECE_BYTES, this.pieceBytes / 2);
  }

  /* Part of the last piece may have arrived. */
  async pause(response) {
    this.failures += 1;
    if (response?.status) this.errors += 1;
    if (this.errors >= ERRORS_BEFORE_GIVING_UP) return { error: "", reason: "failed" };
    this.report(true);
    this.offset = null;
    const asked = Number(response?.headers.get("Retry-After")) * 1000;
    await pause(Math.min(LONGEST_PAUSE_MS, asked || 500 * 2 ** this.failures), this.signal);
    return null;
  }

  /* The server does not know this upload any more. */
  beginAgain() {
    if (!this.where) return { error: "", reason: "failed" };
    this.where = "";
    this.offset = null;
    this.clientId = newId();
    this.errors += 1;
    return this.errors < ERRORS_BEFORE_GIVING_UP ? null : { error: "", reason: "failed" };
  }

  report(waiting = false) {
    this.sent = this.offset ?? this.sent ?? 0;
    this.onProgress({ sent: this.sent, size: this.file.size, waiting });
  }

  cancel() {
    if (this.where) this.send(this.where, { method: "DELETE", keepalive: true });
    this.signal.throwIfAborted();
  }
}

/* Until the time is over, the device is online again, or somebody cancels. */
function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = () => {
      clearTimeout(timer);
      over.abort();
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    addEventListener("online", end, { signal: over.signal });
    signal?.addEventListener("abort", end, { signal: over.signal });
  });
}
