/* Why the server closed a socket (messaging.live), and when to try again. */
export const ENDED = 4001;
export const FLOOD = 4008;
export const TOO_MANY = 4009;
export const MOVE = 4012;
export const FULL = 4014;
export const FAILURES_BEFORE_POLLING = 3;

/* {failures, polling, delayMs} after a socket was closed with `code` and `failures` attempts before it had failed.
 * Delays are random, so that not all clients of a restarted server come back at once. `moveWithinSeconds` is what a
 * server said that is about to stop. */
export function nextAttempt({ code, failures, moveWithinSeconds = 3 }, random = Math.random) {
  const between = (from, to) => 1000 * (from + random() * (to - from));
  if (code === MOVE) return { failures: 0, polling: false, delayMs: between(0, moveWithinSeconds) };
  const now = code === TOO_MANY ? FAILURES_BEFORE_POLLING : failures + 1;
  const polling = now >= FAILURES_BEFORE_POLLING;
  const rests = polling || code === FLOOD || code === FULL;
  return { failures: now, polling, delayMs: rests ? between(20, 40) : between(0.5, 2 ** now) };
}
