/* The team's notes of the chosen client: fetched, changed, and watched for changes by others. */
flhetero.notes = {
  MARKED: "overview-marked.data", // the answer that holds the selected records
  SETTLE_MS: 5000,
  QUIET: 6, // looks, 20 ms apart: an answer has to be taken in, too
  AGAIN_MS: 3000, // others' notes are to appear within 5 s
  state: {
    chosen: null, notes: null, problem: "", open: null, pointed: null,
    signs: new Map(), // note -> "and" or "or": how it is combined with the selection
  },
  listeners: [],

  on(listener) {
    this.listeners.push(listener);
    listener(this.state);
  },

  set(changes) {
    Object.assign(this.state, changes);
    this.listeners.forEach((listener) => listener(this.state));
    this.tell();
  },

  // The records of the note that is pointed at or open are marked in all panels.
  tell() {
    const { pointed, open } = this.state;
    const note = this.find(pointed) || this.find(open);
    flhetero.link.set({ noted: note && this.isHere(note) ? this.records(note) : this.NONE });
  },
  NONE: [],

  find(id) {
    return (this.state.notes || []).find((note) => note.id === id) || null;
  },

  // Rows of another table, or of another version of it, would be other records.
  isHere(note) {
    const { chosen } = this.state;
    return note.stands === true && chosen !== null && note.inputs === (chosen.inputs || "local");
  },

  numbers: new Map(),
  records(note) {
    if (!this.numbers.has(note.records)) {
      const found = note.records.split(",").flatMap((run) => {
        const [first, last] = run.split("-").map(Number);
        return Array.from({ length: (last ?? first) - first + 1 }, (_, at) => first + at);
      });
      if (this.numbers.size > 500) this.numbers.clear();
      this.numbers.set(note.records, found);
    }
    return this.numbers.get(note.records);
  },

  // Exactly as written: the selection, intersected with every "and" note, united with every "or".
  combined() {
    const signed = (sign) => [...this.state.signs].filter(([, one]) => one === sign)
      .map(([id]) => this.find(id)).filter((note) => note && this.isHere(note));
    let found = new Set(flhetero.link.state.records);
    for (const note of signed("and")) {
      const other = new Set(this.records(note));
      found = new Set([...found].filter((record) => other.has(record)));
    }
    for (const note of signed("or")) this.records(note).forEach((record) => found.add(record));
    return [...found].sort((one, other) => one - other);
  },

  choose(intent, chosen) {
    this.intent = intent;
    flhetero.notesBoard.start();
    flhetero.noteBubble.start();
    const before = this.state.chosen;
    const isOther = !before || !chosen || before.client !== chosen.client || before.dataset !== chosen.dataset;
    this.set({ chosen, ...(isOther ? { notes: null, open: null, pointed: null, signs: new Map() } : {}) });
    if (isOther && chosen) this.load().then(() => this.look());
    this.timer ??= window.setInterval(() => this.look(), this.AGAIN_MS);
  },

  async load() {
    const { dataset, client } = this.state.chosen;
    const query = new URLSearchParams({ dataset, client });
    const answer = await this.ask("GET", `?${query}`);
    const now = this.state.chosen;
    if (!now || now.dataset !== dataset || now.client !== client) return;
    if (answer.problem) return this.set({ problem: answer.problem });
    this.revision = answer.revision;
    this.set({ notes: answer.notes, problem: "" });
  },

  async look() {
    if (document.hidden || !this.state.chosen || this.isLooking) return;
    this.isLooking = true;
    try {
      const answer = await this.ask("GET", "/revision");
      if (answer.problem) this.set({ problem: answer.problem });
      else if (answer.revision !== this.revision || this.state.problem) await this.load();
      this.tellCount(answer.count);
    } finally {
      this.isLooking = false;
    }
  },

  // Of all notes, beside the link to their page.
  tellCount(count) {
    const link = document.querySelector('nav.pages a[href^="notes"]');
    const words = count ? `Notes (${count.toLocaleString("en")})` : "Notes";
    if (link && count !== undefined && link.textContent !== words) link.textContent = words;
  },

  // What went wrong comes back as `problem`, in words; nothing that was typed is lost by it.
  async ask(method, path, body) {
    const headers = { "X-FLHetero-Page": flhetero.waiting.page, "Content-Type": "application/json" };
    try {
      const response = await flhetero.waiting.plain(`annotations${path}`, {
        method, headers, body: body && JSON.stringify(body),
      });
      const answer = await response.json();
      return response.ok ? answer : { problem: `Error ${response.status}.`, ...answer };
    } catch {
      return { problem: "The server does not answer." };
    }
  },

  newId() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
      byte.toString(16).padStart(2, "0")).join("");
  },

  // A form that is sent again as it was keeps its id, and so adds one note, not two.
  async add(text, author) {
    await this.settled();
    const { chosen } = this.state, { records } = flhetero.link.state;
    const note = {
      chosen, text, author, search: window.location.search,
      records: flhetero.overlay.text([...records].sort((one, other) => one - other)),
    };
    const key = JSON.stringify(note);
    if (!this.pending || this.pending.key !== key) this.pending = { key, id: this.newId() };
    const answer = await this.ask("POST", "", { ...note, id: this.pending.id });
    if (!answer.problem) this.pending = null;
    return this.took(answer);
  },

  // A cluster that was clicked is shown as chosen before its records are known here.
  async settled() {
    const until = performance.now() + this.SETTLE_MS;
    const asked = () => [...flhetero.waiting.newest].some(([key, question]) => !question.ended
      && (key === this.MARKED || key.startsWith(flhetero.waiting.FRAME)));
    let quiet = 0;
    while (quiet < this.QUIET && performance.now() < until) {
      await new Promise((resolve) => { window.setTimeout(resolve, 20); });
      quiet = asked() ? 0 : quiet + 1;
    }
  },

  async edit(note, text) {
    return this.took(await this.ask("PATCH", `/${note.id}`, { version: note.version, text }));
  },

  async remove(note) {
    return this.took(await this.ask("DELETE", `/${note.id}`, { version: note.version }));
  },

  async restore(note) {
    return this.took(await this.ask("POST", `/${note.id}/restore`, {}));
  },

  // An answer is the note as it is kept now; of a conflict, that of the other.
  took(answer) {
    const kept = answer.problem ? answer.newer : answer;
    if (!kept || !this.state.notes) return answer;
    const others = this.state.notes.filter((note) => note.id !== kept.id);
    const notes = kept.deleted ? others : [...others, kept].sort((one, other) =>
      one.created.localeCompare(other.created) || one.id.localeCompare(other.id));
    // Whoever edits a note that another deleted keeps what was typed.
    const isGone = kept.deleted && !answer.problem && this.state.open === kept.id;
    this.set({ notes, ...(isGone ? { open: null } : {}) });
    return answer;
  },

  sign(note, sign) {
    const signs = new Map(this.state.signs);
    if (sign) signs.set(note.id, sign);
    else signs.delete(note.id);
    this.set({ signs });
  },

  select(records) {
    if (!records.length) return;
    flhetero.link.set({ records, record: records[0] });
    flhetero.propose(this.intent, { "own-records": flhetero.overlay.text(records) });
  },

  // The picture in which the note was written.
  show(note) {
    dash_clientside.set_props("frame-url", { search: note.search });
  },

  author(name) {
    try {
      if (name !== undefined) window.localStorage.setItem("flhetero-author", name);
      return window.localStorage.getItem("flhetero-author") || "";
    } catch {
      return name || ""; // a browser that keeps nothing
    }
  },
};
