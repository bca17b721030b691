/* Annotations: a form for the selected records, and the list of the client's notes. */
flhetero.notesBoard = {
  BOARD: "annotations-board",

  start() {
    if (this.isLinked) return;
    this.isLinked = true;
    flhetero.notes.on(() => this.draw());
    flhetero.link.on((_, changed) => changed.records && this.draw());
  },

  board() {
    const board = document.getElementById(this.BOARD);
    if (board && !board.querySelector("form")) board.replaceChildren(...this.made());
    return board;
  },

  made() {
    const { element } = flhetero;
    this.title = element("h2", { textContent: "Annotations" });
    this.name = element("input", {
      className: "author", value: flhetero.notes.author(), maxLength: 80, placeholder: "your name",
    });
    this.name.setAttribute("aria-label", "Your name, for your notes");
    this.name.addEventListener("change", () => flhetero.notes.author(this.name.value.trim()));
    this.text = element("textarea", { rows: 1, maxLength: 20000 });
    this.text.setAttribute("aria-label", "Note for the selected records");
    this.button = element("button", { type: "submit", className: "main", textContent: "Record note" });
    const form = element("form", {}, [this.text, this.button]);
    form.addEventListener("submit", (event) => this.submit(event));
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey) this.submit(event);
    });
    this.says = element("p", { className: "hint", hidden: true });
    this.says.setAttribute("role", "status");
    this.result = element("div", { className: "combined", hidden: true });
    this.list = element("ul", { className: "notes" });
    const row = element("div", { className: "row" }, [
      this.title, element("span", { className: "spacer" }), this.name,
    ]);
    return [row, form, this.says, this.result, this.list];
  },

  async submit(event) {
    event.preventDefault();
    const text = this.text.value.trim();
    const { records } = flhetero.link.state;
    if (!records.length) return this.say("Select records first: a cluster, a cell or an outline.");
    if (!text) return this.say("Write what is to be remembered of these records.");
    if (this.isSending) return undefined;
    this.isSending = true;
    const answer = await flhetero.notes.add(text, this.name.value.trim());
    this.isSending = false;
    if (answer.problem) return this.say(`Could not be saved: ${answer.problem}`);
    this.text.value = "";
    return this.say("");
  },

  // With an action, as Undo, if there is one.
  say(words, word, act) {
    this.says.hidden = !words;
    this.says.replaceChildren(words);
    if (!word) return undefined;
    const button = flhetero.element("button", { type: "button", textContent: word });
    button.addEventListener("click", act);
    this.says.append(button);
    return button;
  },

  // What has this key, in the list or on the timeline; it is drawn anew by every change.
  focus(key) {
    const found = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key);
    if (found) found.focus({ preventScroll: true });
    return Boolean(found);
  },

  draw() {
    const board = this.board();
    if (!board) return;
    const { notes, problem } = flhetero.notes.state;
    const count = flhetero.link.state.records.length;
    this.text.placeholder = count
      ? `Note on ${count === 1 ? "this record" : `these ${count.toLocaleString("en")} records`}`
      : "Select records first";
    this.title.textContent = notes && notes.length ? `Annotations (${notes.length})` : "Annotations";
    const focused = board.contains(document.activeElement) && document.activeElement.dataset.key;
    const rows = (notes || []).map((note) => this.row(note)).reverse();
    if (problem) rows.unshift(this.message(`Notes cannot be read: ${problem}`));
    else if (notes && !notes.length) rows.push(this.message("No notes on this client yet."));
    this.list.replaceChildren(...rows);
    this.drawCombined();
    if (focused) this.focus(focused);
  },

  message(words) {
    return flhetero.element("li", { className: "hint", textContent: words });
  },

  row(note) {
    const { element, notes } = flhetero;
    const isHere = notes.isHere(note);
    const open = element("button", { type: "button", className: "open" }, [
      element("span", { className: "words", textContent: note.text, title: note.text.slice(0, 500) }),
      element("span", { className: "muted", textContent: this.about(note) }),
    ]);
    open.dataset.key = `open ${note.id}`;
    open.setAttribute("aria-expanded", String(notes.state.open === note.id));
    open.addEventListener("click", () => {
      const isOpen = notes.state.open === note.id;
      flhetero.noteBubble.toggle(isOpen ? null : note.id, open.dataset.key);
    });
    const row = element("li", { className: isHere ? "" : "elsewhere" }, [open]);
    row.dataset.note = note.id;
    if (isHere) row.append(this.overlap(note), this.sign(note, "and", "∩"), this.sign(note, "or", "∪"));
    row.addEventListener("pointerenter", () => this.point(note.id));
    row.addEventListener("pointerleave", () => this.point(null));
    open.addEventListener("focus", () => this.point(note.id));
    open.addEventListener("blur", () => this.point(null));
    return row;
  },

  // Marks only: the list stays as it is, under the pointer.
  point(pointed) {
    flhetero.notes.state.pointed = pointed;
    flhetero.notes.tell();
  },

  about(note) {
    const count = `${note.count.toLocaleString("en")} ${note.count === 1 ? "record" : "records"}`;
    const where = note.stands === false ? "of samples that have changed since"
      : flhetero.notes.isHere(note) ? "" : `of ${note.inputs} inputs`;
    return [`round ${note.round}`, count, where, note.author].filter(Boolean).join(" · ");
  },

  // Records of the selection only, of both, of the note only.
  overlap(note) {
    const selected = new Set(flhetero.link.state.records);
    const both = flhetero.notes.records(note).filter((record) => selected.has(record)).length;
    const parts = [
      ["alone", selected.size - both, "selected, not noted"],
      ["both", both, "selected and noted"],
      ["noted", note.count - both, "noted, not selected"],
    ];
    const bar = flhetero.element("span", { className: "overlap" }, parts.map(([className, count]) =>
      flhetero.element("i", { className, textContent: count.toLocaleString("en") })));
    bar.title = parts.map(([, count, words]) => `${count.toLocaleString("en")} ${words}`).join("\n");
    bar.setAttribute("role", "img");
    bar.setAttribute("aria-label", bar.title.replaceAll("\n", ", "));
    return bar;
  },

  sign(note, sign, letter) {
    const { notes } = flhetero;
    const isOn = notes.state.signs.get(note.id) === sign;
    const words = sign === "and"
      ? "Only those of the selection that are in this note too" : "Those of this note as well";
    const button = flhetero.element("button", { type: "button", textContent: letter, title: words });
    button.dataset.key = `${sign} ${note.id}`;
    button.setAttribute("aria-label", `${words}: ${note.text.slice(0, 80)}`);
    button.setAttribute("aria-pressed", String(isOn));
    button.addEventListener("click", () => notes.sign(note, isOn ? null : sign));
    return button;
  },

  drawCombined() {
    const { signs } = flhetero.notes.state;
    this.result.hidden = !signs.size;
    if (!signs.size) return;
    const found = flhetero.notes.combined();
    const words = `Selection combined with ${signs.size} ${signs.size === 1 ? "note" : "notes"}: `
      + `${found.length.toLocaleString("en")} ${found.length === 1 ? "record" : "records"}`;
    const select = flhetero.element("button", { type: "button", textContent: "Select", disabled: !found.length });
    select.dataset.key = "combined";
    select.addEventListener("click", () => {
      flhetero.notes.set({ signs: new Map() });
      flhetero.notes.select(found);
    });
    this.result.replaceChildren(words, select);
  },
};

flhetero.keys("Annotations", "in the note's field", [
  [["Enter"], "record the note; with Shift begin another line"],
]);
