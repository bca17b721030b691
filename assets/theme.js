/* Light or dark: the system's choice, until the reader chooses. */
flhetero.theme = {
  KEY: "flhetero-theme",

  choose(clicks) {
    const system = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    let theme = this.kept() || system;
    if (clicks) {
      theme = theme === "dark" ? "light" : "dark";
      try {
        window.localStorage.setItem(this.KEY, theme);
      } catch (refused) {
        // Storage may be blocked; then the choice lasts as long as the page.
        this.chosen = theme;
      }
    }
    return [theme, theme, theme === "dark" ? "Light" : "Dark"];
  },

  kept() {
    try {
      const theme = window.localStorage.getItem(this.KEY) || this.chosen;
      return theme === "dark" || theme === "light" ? theme : null;
    } catch (refused) {
      return this.chosen || null;
    }
  },
};
