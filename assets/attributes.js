/* Choosing the attribute of the distribution: by name, the one beside, or the automatic one. */
flhetero.attributes = {
  names: [],

  // The list filters all its names whenever it is drawn, open or not: thousands of them would cost
  // more than all else on the page. So it has them only while it is used.
  reflect(control, shown, names) {
    this.control = control;
    this.names = names || [];
    this.shown = shown;
    this.offer(document.activeElement && document.activeElement.id === control);
  },

  offer(isUsed) {
    const shown = this.shown;
    const own = shown ? [{ value: String(shown.attribute), label: shown.name }] : [];
    const all = () => this.names.map((label, at) => ({ value: String(at), label }));
    dash_clientside.set_props(this.control, {
      data: isUsed && this.names.length ? all() : own,
      value: shown ? String(shown.attribute) : null,
    });
  },

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

document.addEventListener("focusin", (event) => {
  const { attributes } = flhetero;
  if (attributes.control && event.target.id === attributes.control) attributes.offer(true);
});
document.addEventListener("focusout", (event) => {
  const { attributes } = flhetero;
  if (attributes.control && event.target.id === attributes.control) attributes.offer(false);
});
