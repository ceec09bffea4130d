/* <live-poll data-url> in <live-link> asks every few seconds for what is new while there is no socket, and hands over the
 * answers as if they had come by one. Where the sign-in ended, that is its answer. */
class LivePoll extends HTMLElement {
  async now() {
    const link = this.closest("live-link");
    clearTimeout(this.again);
    if (link.state !== "polling") return;
    this.again = setTimeout(() => this.now(), 5000);
    const asked = [...link.streams].map((pair) => `s=${pair}`).join("&");
    const settings = { redirect: "manual", signal: AbortSignal.timeout(8000) };
    const answer = await fetch(`${this.dataset.url}?${asked}`, settings).catch(() => null);
    if (answer?.type === "opaqueredirect") return link.tell("ended");
    const said = answer?.ok && (await answer.json().catch(() => null));
    if (link.state === "polling") link.send("state", { state: "polling", failing: !said });
    if (said) said.frames.forEach((frame) => link.hear(frame));
  }
}

customElements.define("live-poll", LivePoll);
