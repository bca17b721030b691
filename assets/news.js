/* A training may still be running: the page looks whether files of what it shows have changed. */
flhetero.news = {
  AGAIN_MS: 3000,
  STORE: "frame-news",

  start() {
    this.timer ??= window.setInterval(() => this.look(), this.AGAIN_MS);
  },

  async look() {
    if (document.hidden || this.isLooking) return;
    this.isLooking = true;
    const asked = new URLSearchParams(window.location.search);
    const about = ["dataset", "client", "round"].map((name) => asked.get(name) || "");
    try {
      const response = await flhetero.waiting.plain(`news${window.location.search}`);
      if (response.ok) this.tell(about, await response.json());
    } catch {
      // A server that is gone is told where something is asked of it.
    } finally {
      this.isLooking = false;
    }
  },

  // What was there before is known from the first look on; what somebody else chose is no news.
  tell(about, found) {
    const { about: before, found: known } = this;
    this.about = about;
    this.found = found;
    if (!known || before[0] !== about[0] || before[1] !== about[1]) return;
    const isSameRound = before[2] === about[2];
    const hasRoundChanged = isSameRound && known.round !== found.round;
    if (known.client === found.client && !hasRoundChanged) return;
    dash_clientside.set_props(this.STORE, { data: { client: found.client, round: hasRoundChanged } });
  },
};

flhetero.news.start();
