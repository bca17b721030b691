/* Choosing the attribute of the distribution: by name, the one beside, or the automatic one. */
flhetero.attributes = {
  // The list shows what is drawn, so only another value than that is a choice.
  choose(intent, value, shown) {
    if (!shown || value === null || value === undefined || Number(value) === shown.attribute) return;
    flhetero.propose(intent, { attribute: String(value) });
  },

  step(intent, shown, step) {
    if (!shown) return;
    const next = shown.attribute + step;
    if (next >= 0 && next < shown.count) flhetero.propose(intent, { attribute: String(next) });
  },

  automatic(intent, shown) {
    if (shown && !shown.automatic) flhetero.propose(intent, { attribute: null });
  },
};
