/* The close codes of the server (messaging/live/frames.py), and when to reconnect. */
export const CLOSE_ENDED = 4001;
export const CLOSE_FLOOD = 4008;
export const CLOSE_TOO_MANY = 4009;
export const CLOSE_MOVE = 4012;
export const CLOSE_FULL = 4014;
export const FAILURES_BEFORE_POLLING = 3;

/* {failures, polling, delayMs} after a socket was closed with `code` and `failures` attempts before it had failed.
 * Delays are random, so that not all clients of a restarted server reconnect at once. `moveWithinSeconds` is from the
 * `move` frame of a server that stops. */
export function nextAttempt({ code, failures, moveWithinSeconds = 3 }, random = Math.random) {
  const between = (from, to) => 1000 * (from + random() * (to - from));
  if (code === CLOSE_MOVE) return { failures: 0, polling: false, delayMs: between(0, moveWithinSeconds) };
  const count = code === CLOSE_TOO_MANY ? FAILURES_BEFORE_POLLING : failures + 1;
  const polling = count >= FAILURES_BEFORE_POLLING;
  const backsOff = polling || code === CLOSE_FLOOD || code === CLOSE_FULL;
  return { failures: count, polling, delayMs: backsOff ? between(20, 40) : between(0.5, 2 ** count) };
}
