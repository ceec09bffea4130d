/* The interface of <live-connection>: events on the document, so that elements need no reference to it. They send
 * `live:follow` {stream, after} and `live:send` {t, ...}; they receive `live:entries` {stream, entries} in order and
 * without gaps, `live:unknown` {stream}, `live:state` {state, failing}, and the server's other frames as `live:here`,
 * `live:gone`, `live:readers`, `live:ack`, `live:no` and `live:busy`. */
export function followStream(stream, after) {
  emitLive("follow", { stream, after });
}

/* Whether it was sent: false while there is no open socket. */
export function sendLive(command) {
  return !emitLive("send", command);
}

/* False when a listener called preventDefault(). */
export function emitLive(name, detail) {
  return document.dispatchEvent(new CustomEvent(`live:${name}`, { detail, cancelable: true }));
}
