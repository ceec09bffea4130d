import { ConnectedElement } from "js/lib/connected_element.js";
import { request } from "js/lib/http.js";
import { emitLive } from "js/lib/live.js";
import { Polling } from "js/lib/polling.js";
import { CLOSE_ENDED, CLOSE_FULL, nextAttempt } from "js/lib/reconnect.js";
import { tabStorage } from "js/lib/storage.js";
import { StreamPositions } from "js/lib/stream_positions.js";

const CONNECT_TIMEOUT_MS = 15_000;
const IDLE_TIMEOUT_MS = 75_000; /* the server pings more often */
const PING_TIMEOUT_MS = 6000;
const MISSING_TIMEOUT_MS = 15_000;
const RELOAD_INTERVAL_MS = 60_000;

/* <live-connection data-person data-socket data-poll data-ticket> is the page's connection to its server: a WebSocket, or polling
 * where WebSockets are blocked. lib/live.js is its interface. `data-state` is open, waiting, polling or ended. */
class LiveConnection extends ConnectedElement {
  connected() {
    this.streams = new StreamPositions();
    this.missing = new Map();
    this.failures = 0;
    this.polling = new Polling({
      url: this.dataset.poll,
      streams: this.streams,
      received: (frames) => {
        this.setState("polling", false);
        frames.forEach((frame) => this.receive(frame));
      },
      failed: () => this.setState("polling", true),
      signedOut: () => this.setState("ended"),
    });
    this.listen(document, "live:follow", ({ detail }) => this.follow(detail));
    this.listen(document, "live:send", (event) => {
      if (this.send(event.detail)) event.preventDefault();
    });
    this.listen(document, "visibilitychange", () => {
      if (!document.hidden) this.check();
    });
    this.listen(window, "online", () => this.check());
    this.listen(window, "offline", () => this.lost(this.socket, 0));
    this.listen(window, "pagehide", () => this.drop());
    this.listen(window, "pageshow", ({ persisted }) => {
      if (persisted) this.connect();
    });
  }

  disconnected() {
    this.drop();
    this.polling.stop();
  }

  follow({ stream, after }) {
    this.streams.follow(stream, after);
    if (this.state === "polling") this.polling.start();
    else if (!this.send({ t: "follow", s: stream, after: this.streams.get(stream) })) this.connectSoon();
  }

  /* The ticket and the streams are in the URL, so that connecting takes no database query and no further frames. */
  get url() {
    const query = new URLSearchParams([["t", this.dataset.ticket], ...[...this.streams].map((pair) => ["s", pair])]);
    return new URL(`${this.dataset.socket}?${query}`, location.href).href.replace(/^http/, "ws");
  }

  get state() {
    return this.dataset.state;
  }

  /* Deferred, because the elements of a page follow their streams one after the other and one URL lists all of them. */
  connectSoon() {
    this.first ??= this.after(0, () => this.connect());
  }

  connect() {
    if (this.socket || this.state === "ended" || !this.streams.size) return;
    this.cancel(this.reconnect);
    this.announced = new Map(this.streams);
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.addEventListener("message", ({ data }) => {
      if (socket === this.socket) this.receive(JSON.parse(data));
    });
    socket.addEventListener("close", ({ code }) => this.lost(socket, code));
    this.expectWithin(CONNECT_TIMEOUT_MS);
  }

  /* Close the connection if no frame is received in time: it may be dead without being closed. */
  expectWithin(milliseconds) {
    this.cancel(this.deadline);
    this.deadline = this.after(milliseconds, () => this.lost(this.socket, 0));
  }

  lost(socket, code) {
    if (!socket || socket !== this.socket) return;
    this.drop();
    if (code === CLOSE_ENDED) {
      this.setState("ended");
      return;
    }
    const next = nextAttempt({ code, failures: this.failures, moveWithinSeconds: this.moveWithinSeconds });
    this.failures = next.failures;
    this.reconnect = this.after(next.delayMs, () => this.connect());
    this.setState(next.polling ? "polling" : "waiting");
    if (next.polling) this.polling.start();
  }

  drop() {
    this.cancel(this.deadline);
    this.cancel(this.reconnect);
    this.missing.clear();
    this.socket?.close();
    this.socket = null;
    this.welcomed = false;
  }

  /* After the network or the page came back, check at once whether the connection still works. */
  check() {
    if (this.welcomed) {
      this.send({ t: "ping" });
      this.expectWithin(PING_TIMEOUT_MS);
    } else if (this.state === "polling") this.polling.start();
    else if (this.state === "ended") this.resume();
    else this.connect();
  }

  /* The reader may have signed in again in another tab. */
  async resume() {
    const response = await request(this.dataset.poll);
    if (!response?.ok || this.state !== "ended") return;
    this.dataset.state = "waiting";
    this.connect();
  }

  send(command) {
    if (!this.welcomed || this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(command));
    return true;
  }

  receive(frame) {
    if (this.socket) this.expectWithin(IDLE_TIMEOUT_MS);
    if (frame.t === "welcome") this.welcome(frame);
    else if (frame.t === "entries") this.receiveEntries(frame);
    else if (frame.t === "ticket") this.dataset.ticket = frame.ticket;
    else if (frame.t === "move") this.moveWithinSeconds = frame.within;
    else if (frame.t === "reset") this.reloadPage();
    else if (frame.t === "unknown") {
      this.streams.delete(frame.s);
      emitLive("unknown", { stream: frame.s });
    } else if (/^(here|gone|readers|ack|no|busy)$/.test(frame.t)) emitLive(frame.t, frame);
  }

  /* Somebody else may have signed in since the page was loaded: nothing of it is sent in their name. */
  welcome({ person }) {
    if (String(person) !== this.dataset.person) {
      this.drop();
      this.setState("ended");
      return;
    }
    this.failures = 0;
    this.welcomed = true;
    this.polling.stop();
    for (const [s, after] of this.streams) if (this.announced.get(s) !== after) this.send({ t: "follow", s, after });
    this.setState("open");
  }

  receiveEntries({ s: stream, e }) {
    const { fresh, missingAfter } = this.streams.receive(stream, e);
    if (missingAfter !== undefined) this.requestMissing(stream, missingAfter);
    if (fresh.length) emitLive("entries", { stream, entries: fresh });
  }

  /* A new connection and the next poll request the missing entries anyway. If none arrive, close the connection. */
  requestMissing(stream, last) {
    if (!this.welcomed || this.missing.get(stream) === last) return;
    this.missing.set(stream, last);
    const { socket } = this;
    this.after(MISSING_TIMEOUT_MS, () => {
      if (this.streams.get(stream) === last) this.lost(socket, 0);
    });
    this.follow({ stream, after: last });
  }

  /* The page shows another log than the server's, for example after a restored backup. If reloading does not help, back
   * off instead of reloading in a loop. */
  reloadPage() {
    const reloadedAt = tabStorage.read("live reloaded at") ?? 0;
    const recently = Math.abs(Date.now() - reloadedAt) < RELOAD_INTERVAL_MS;
    if (!recently && tabStorage.write("live reloaded at", Date.now())) location.reload();
    else this.lost(this.socket, CLOSE_FULL);
  }

  setState(state, failing = true) {
    if (state !== "polling") this.polling.stop();
    this.dataset.state = state;
    emitLive("state", { state, failing });
  }
}

customElements.define("live-connection", LiveConnection);
