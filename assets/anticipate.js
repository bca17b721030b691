/* What an intent changes in the stores, before the server says so: a panel then need not wait for
   the frame's answer. That one decides: where it says otherwise, it corrects what was foreseen. */
flhetero.anticipate = {
  RULES: "frame-anticipation",

  data(id) {
    const layout = window.dash_component_api.getLayout(id);
    return layout && layout.props ? layout.props.data : undefined;
  },

  MOST_MS: 80, // until the panels have asked

  // Dash asks for a panel only when nothing that it depends on is under way, and all depend on the
  // frame: so the panels ask first.
  propose(intent, send) {
    if (this.foresee(intent)) flhetero.waiting.whenAsked(send, this.MOST_MS);
    else send();
  },

  // Only what one store can hold is foreseen: two would make a panel answer twice.
  foresee(intent) {
    const rules = this.data(this.RULES);
    const names = Object.keys(intent).filter((name) => name !== "number" && name !== "history");
    if (!rules || !names.length) return false;
    const stores = Object.entries(rules.stores).map(([id, standards]) => ({
      id, standards, held: this.data(id),
    }));
    if (stores.some(({ held }) => !held)) return false;
    const owner = (name) => stores.find(({ standards }) => name in standards);
    // Another client or table changes more than what is chosen.
    const isUsual = (name) => owner(name) && !["dataset", "client", "inputs"].includes(name);
    // The heat maps may be those of the record.
    const isExplained = "record" in intent && stores.some(({ held }) => held.cam === "record");
    if (isExplained || !names.every(isUsual)) return false;
    const forgotten = names.filter((name) => this.isChange(name, intent[name], owner(name)))
      .flatMap((name) => rules.forgotten[name] || []);
    const news = stores.map((store) => [store, this.after(store, intent, forgotten)])
      .filter(([{ held }, next]) => !this.isSame(held, next));
    if (news.length !== 1) return false;
    dash_clientside.set_props(news[0][0].id, { data: news[0][1] });
    return true;
  },

  isChange(name, wanted, { standards, held }) {
    if (name === "cluster" && (held.cell || held.own)) return true;
    return (wanted ?? standards[name]) !== (held[name] ?? standards[name]);
  },

  // What a store holds then; a default is never written.
  after({ standards, held }, intent, forgotten) {
    const next = { ...held };
    forgotten.forEach((name) => delete next[name]);
    for (const name of Object.keys(standards)) {
      if (!(name in intent)) continue;
      if (intent[name] === null || intent[name] === standards[name]) delete next[name];
      else next[name] = intent[name];
    }
    if (!next.own) delete next["own-records"];
    return next;
  },

  isSame(one, other) {
    const names = Object.keys({ ...one, ...other });
    return names.every((name) => one[name] === other[name]);
  },
};
