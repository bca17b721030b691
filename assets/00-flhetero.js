/* One name for all clientside code, and what its parts share. */
window.flhetero = {
  // A way to write a store from the browser; an intent is a dict of URL parameters.
  propose(store, intent) {
    // The number makes every intent a new value: the same cluster may be chosen twice.
    this.count = (this.count || 0) + 1;
    // One store for all panels: what the server was not asked yet is asked with it.
    this.unsent = { ...this.unsent, ...intent };
    const data = { ...this.unsent, number: this.count };
    this.anticipate.propose(intent, () => dash_clientside.set_props(store, { data }));
  },

  // Asking for a style makes the browser bring the whole page up to date, so it is asked once.
  colour(name) {
    const scheme = document.documentElement.dataset.mantineColorScheme;
    if (this.scheme !== scheme) Object.assign(this, { scheme, colours: {} });
    this.colours[name] ??= getComputedStyle(document.documentElement)
      .getPropertyValue("--" + name).trim();
    return this.colours[name];
  },

  // A small picture that is made to be drawn elsewhere; kept in memory, where that is cheaper.
  sprite(width, height) {
    const canvas = this.element("canvas", { width, height });
    return [canvas, canvas.getContext("2d", { willReadFrequently: true })];
  },

  // A canvas that is sharp on every screen, cleared, in units of CSS pixels.
  context(canvas, width, height) {
    const ratio = window.devicePixelRatio || 1;
    const size = [width, height].map((side) => Math.max(1, Math.round(side * ratio)));
    const context = canvas.getContext("2d");
    if (canvas.width === size[0] && canvas.height === size[1] && context.reset) context.reset();
    else [canvas.width, canvas.height] = size;
    context.scale(ratio, ratio);
    return context;
  },

  element(name, properties, children) {
    const made = Object.assign(document.createElement(name), properties || {});
    made.append(...(children || []));
    return made;
  },

  // Words for those who hear the page; who sees it reads them elsewhere.
  heard(textContent) {
    return this.element("span", { className: "heard", textContent });
  },

  // Keys that work anywhere, as `KeyboardEvent.key` has them; the last one to claim one gets it.
  shortcut(key, description, action) {
    const others = this.shortcuts.filter((one) => one.key !== key);
    this.shortcuts = [...others, { key, description, action }];
  },
  shortcuts: [],

  // The keys of one component, declared beside the code that listens to them, so that the help
  // sheet lists what there is. A row: its keys, and what they do.
  keys(panel, place, rows) {
    this.keyed.push({ panel, place, rows });
  },
  keyed: [],

  // Replace a board's content by a sentence; true if there was one to show.
  message(board, data) {
    if (data && data.message === undefined) return false;
    const text = (data && data.message) || "";
    board.replaceChildren(...(text ? [this.element("p", { className: "message", textContent: text })] : []));
    return true;
  },

  copyLink(clicks) {
    if (!clicks) return dash_clientside.no_update;
    const done = navigator.clipboard && navigator.clipboard.writeText(window.location.href);
    if (!done) return "Copy the address bar";
    return done.then(() => "Link copied", () => "Copy the address bar");
  },
};
