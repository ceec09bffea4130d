/* <live-link data-socket data-ticket> is the page's one line to its server; <live-poll> in it is for where none can be.
 * Other elements speak to it by events on the document: `live:follow` {stream, after}, and `live:say` {t, ...}, prevented
 * when it went out. It tells of `live:entries` {stream, entries}, in order, a gap asked for first; `live:unknown`
 * {stream}; `live:reset`, prevented when that is seen to; the server's other words as they are; `live:state` {state,
 * person, failing}: open, waiting, polling (failing without an answer), ended. */
const ENDED = 4001, FLOOD = 4008, TOO_MANY = 4009, MOVE = 4012, FULL = 4014;
const between = (from, to) => 1000 * (from + Math.random() * (to - from));

class LiveLink extends HTMLElement {
  connectedCallback() {
    this.streams = new Map();
    this.asked = new Map();
    this.poll = this.querySelector("live-poll");
    this.failures = 0;
    document.addEventListener("live:follow", ({ detail }) => this.follow(detail));
    document.addEventListener("live:say", (event) => this.say(event.detail) && event.preventDefault());
    document.addEventListener("visibilitychange", () => document.hidden || this.now());
    addEventListener("online", () => this.now());
    addEventListener("offline", () => this.lost(this.socket, 0));
    addEventListener("pagehide", () => this.drop());
    addEventListener("pageshow", ({ persisted }) => persisted && this.connect());
  }

  follow({ stream, after }) {
    this.streams.set(stream, Math.min(after, this.streams.get(stream) ?? after));
    if (this.state === "polling") this.poll.now();
    else if (!this.say({ t: "follow", s: stream, after: this.streams.get(stream) })) this.soon ??= setTimeout(() => this.connect());
  }

  /* The ticket lets in without asking the database; what is followed already stands in the address with it. */
  get address() {
    const asked = new URLSearchParams([["t", this.dataset.ticket], ...[...this.streams].map((pair) => ["s", pair])]);
    return new URL(`${this.dataset.socket}?${asked}`, location.href).href.replace(/^http/, "ws");
  }

  connect() {
    if (this.socket || this.state === "ended" || !this.streams.size) return;
    clearTimeout(this.again);
    this.told = new Map(this.streams);
    const socket = (this.socket = new WebSocket(this.address));
    socket.addEventListener("message", ({ data }) => socket === this.socket && this.hear(JSON.parse(data)));
    socket.addEventListener("close", ({ code }) => this.lost(socket, code));
    this.expect(15);
  }

  expect(seconds) {
    clearTimeout(this.dead);
    this.dead = setTimeout(() => this.lost(this.socket, 0), 1000 * seconds); /* a line may be dead without saying so */
  }

  lost(socket, code) {
    if (!socket || socket !== this.socket) return;
    this.drop();
    if (code === ENDED) return this.tell("ended");
    this.failures = code === TOO_MANY ? 3 : code === MOVE ? 0 : this.failures + 1;
    const polls = this.failures >= 3;
    const soon = code === MOVE ? between(0, this.within ?? 3) : between(0.5, 2 ** this.failures);
    this.again = setTimeout(() => this.connect(), polls || code === FLOOD || code === FULL ? between(20, 40) : soon);
    this.tell(polls ? "polling" : "waiting");
    if (polls) this.poll.now();
  }

  drop() {
    [this.dead, this.again].forEach(clearTimeout);
    this.asked.clear();
    this.socket?.close();
    this.socket = null;
    this.welcomed = false;
  }

  now() {
    if (this.welcomed) return this.say({ t: "ping" }), this.expect(6);
    return this.state === "polling" ? this.poll.now() : this.connect();
  }

  say(words) {
    if (!this.welcomed || this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(words));
    return true;
  }

  hear(frame) {
    if (this.socket) this.expect(75);
    if (frame.t === "welcome") this.welcome(frame);
    else if (frame.t === "entries") this.take(frame);
    else if (frame.t === "ticket") this.dataset.ticket = frame.ticket;
    else if (frame.t === "move") this.within = frame.within;
    else if (frame.t === "reset") this.send("reset", frame) && this.lost(this.socket, FULL);
    else if (frame.t === "unknown") this.streams.delete(frame.s) && this.send("unknown", { stream: frame.s });
    else if (/^(here|gone|readers|ack|no|busy)$/.test(frame.t)) this.send(frame.t, frame);
  }

  welcome({ person }) {
    this.failures = 0;
    this.welcomed = true;
    for (const [s, after] of this.streams) if (this.told.get(s) !== after) this.say({ t: "follow", s, after });
    this.tell("open", person);
  }

  take({ s, e }) {
    const last = this.streams.get(s);
    const news = e.filter(({ n }) => n > last);
    if (last === undefined || !news.length) return;
    if (news[0].n !== last + 1) return this.ask(s, last);
    this.streams.set(s, news.at(-1).n);
    this.send("entries", { stream: s, entries: news });
  }

  /* Numbers have no gaps: what came too early comes again behind what is missing. A new line asks for both by itself,
   * as does the next poll; and a line over which nothing comes is given up. */
  ask(stream, last) {
    if (!this.welcomed || this.asked.get(stream) === last) return;
    this.asked.set(stream, last);
    setTimeout((socket) => this.streams.get(stream) === last && this.lost(socket, 0), 15_000, this.socket);
    this.follow({ stream, after: last });
  }

  tell = (state, person) => this.send("state", { state: (this.state = state), person });

  send(name, detail) {
    return document.dispatchEvent(new CustomEvent(`live:${name}`, { detail, cancelable: true }));
  }
}

customElements.define("live-link", LiveLink);
