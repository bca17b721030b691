/* Light, dark, or as the system has it, which is so until the reader chooses. */
flhetero.theme = {
  KEY: "flhetero-theme",
  WORDS: { system: "◐ System", light: "☀ Light", dark: "☾ Dark" },

  system() {
    return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  },

  // The first click always changes something: from the system's to the other, then round.
  next(mode) {
    const other = this.system() === "dark" ? "light" : "dark";
    return { system: other, [other]: this.system(), [this.system()]: "system" }[mode];
  },

  choose(clicks) {
    let mode = this.kept();
    if (clicks) {
      mode = this.next(mode);
      try {
        window.localStorage.setItem(this.KEY, mode);
      } catch (refused) {
        // Storage may be blocked; then the choice lasts as long as the page.
        this.chosen = mode;
      }
    }
    const theme = mode === "system" ? this.system() : mode;
    return [theme, theme, this.WORDS[mode]];
  },

  kept() {
    let mode = this.chosen;
    try {
      mode = window.localStorage.getItem(this.KEY) || mode;
    } catch (refused) {
      // As above.
    }
    return mode in this.WORDS ? mode : "system";
  },
};

window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  if (flhetero.theme.kept() !== "system" || !window.dash_clientside.set_props) return;
  const theme = flhetero.theme.system();
  window.dash_clientside.set_props("frame-theme", { data: theme });
  window.dash_clientside.set_props("frame-provider", { forceColorScheme: theme });
});
