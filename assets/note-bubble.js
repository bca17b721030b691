/* Notes on the timeline: an icon at the round of each, and the bubble of the one that is open. */
flhetero.noteBubble = {
  CHART: "timeline-chart",
  drafts: new Map(), // note -> what was typed and not saved, when another note was opened

  start() {
    if (this.isLinked) return;
    this.isLinked = true;
    flhetero.notes.on(() => this.draw());
    new ResizeObserver(() => this.place()).observe(document.documentElement);
    document.addEventListener("scroll", () => this.placeBubble(), { capture: true, passive: true });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || !this.shown) return;
      if (document.querySelector("dialog[open]")) return; // that lies above
      if (this.editing) this.leave(this.shown);
      else this.close();
    });
  },

  // A row of the list or an icon opens a note, and gets the focus back; the same again closes it.
  toggle(id, opener) {
    this.opener = opener;
    flhetero.notes.set({ open: id });
  },

  close() {
    const { open } = flhetero.notes.state;
    flhetero.notes.set({ open: null });
    if (!flhetero.notesBoard.focus(this.opener)) flhetero.notesBoard.focus(`open ${open}`);
  },

  chart() {
    const chart = document.getElementById(this.CHART);
    return chart && chart.querySelector(".js-plotly-plot") ? chart.closest(".chart") || chart : null;
  },

  draw() {
    this.drawIcons();
    this.drawBubble();
  },

  // One icon a round: several notes are opened one after the other.
  drawIcons() {
    const chart = this.chart();
    if (!chart || !flhetero.timeline.plot || !flhetero.timeline.plot.on) {
      // The timeline is still being made.
      window.clearTimeout(this.later);
      this.later = window.setTimeout(() => this.drawIcons(), 100);
      return;
    }
    let layer = chart.querySelector(".note-icons");
    if (!layer) {
      layer = flhetero.element("div", { className: "note-icons" });
      chart.append(layer);
      // A finger or pointer on an icon is not meant for the marker below.
      for (const kind of ["pointerdown", "touchstart"]) {
        layer.addEventListener(kind, (event) => event.stopPropagation());
      }
      flhetero.timeline.plot.on("plotly_afterplot", () => this.place());
    }
    const { notes, open } = flhetero.notes.state;
    const rounds = new Map();
    const focused = layer.contains(document.activeElement) && document.activeElement.dataset.key;
    for (const note of notes || []) rounds.set(note.round, [...(rounds.get(note.round) || []), note]);
    layer.replaceChildren(...[...rounds].map(([round, own]) => {
      const icon = flhetero.element("button", {
        type: "button", className: "note-icon", textContent: own.length > 1 ? String(own.length) : "✎",
        title: own.map((note) => note.text.slice(0, 120)).join("\n"),
      });
      icon.dataset.round = round;
      icon.dataset.key = `icon ${round}`;
      icon.setAttribute("aria-label", `${own.length} ${own.length === 1 ? "note" : "notes"} on round ${round}`);
      icon.setAttribute("aria-expanded", String(own.some((note) => note.id === open)));
      icon.addEventListener("click", () => {
        const next = own[own.findIndex((note) => note.id === open) + 1];
        this.toggle(next ? next.id : null, icon.dataset.key);
      });
      return icon;
    }));
    if (focused) flhetero.notesBoard.focus(focused);
    this.place();
  },

  place() {
    const chart = this.chart();
    const { timeline } = flhetero;
    const layer = chart && chart.querySelector(".note-icons");
    if (!layer) return;
    const axis = timeline.axis();
    layer.hidden = !axis;
    if (!axis) return;
    const { _offset: top, _length: height } = timeline.plot._fullLayout.yaxis;
    const [first, last] = axis.range;
    layer.querySelectorAll(".note-icon").forEach((icon) => {
      const round = Number(icon.dataset.round);
      icon.hidden = round < first || round > last;
      icon.style.left = `${timeline.left(round)}px`;
      icon.style.top = `${top + height}px`;
    });
    this.placeBubble();
  },

  drawBubble() {
    const { notes } = flhetero, { open } = notes.state;
    // What is being typed stays, whatever comes from others meanwhile.
    if (this.editing && this.shown && this.shown.id === open) return;
    const note = notes.find(open);
    if (!note) return this.hide();
    const key = [note.id, note.version, notes.isHere(note)].join();
    if (this.shown && this.key === key) return this.placeBubble();
    if (!this.bubble) {
      this.bubble = flhetero.element("div", { className: "note-bubble", tabIndex: -1 });
      this.bubble.setAttribute("role", "dialog");
      document.body.append(this.bubble);
    }
    const isOpened = !this.shown || this.shown.id !== note.id;
    const hadFocus = this.bubble.contains(document.activeElement);
    Object.assign(this, { editing: false, shown: note, key });
    this.bubble.hidden = false;
    this.bubble.setAttribute("aria-label", `Note on round ${note.round}`);
    this.read(note);
    this.placeBubble();
    if (isOpened || hadFocus) this.bubble.focus({ preventScroll: true });
    return undefined;
  },

  hide() {
    if (this.bubble) this.bubble.hidden = true;
    Object.assign(this, { editing: false, shown: null });
  },

  // Back from editing to what the note says.
  leave(note) {
    this.drafts.delete(note.id);
    Object.assign(this, { editing: false, key: null });
    this.draw();
  },

  button(words, act, className = "") {
    const made = flhetero.element("button", { type: "button", textContent: words, className });
    made.addEventListener("click", act);
    return made;
  },

  read(note) {
    const { element, notes } = flhetero;
    const time = new Date(note.created).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    const isEdited = note.changed !== note.created;
    const about = [notes.find(note.id) && flhetero.notesBoard.about(note), time, isEdited ? "edited" : ""];
    const actions = element("div", { className: "row" }, [
      this.button("Show picture", () => notes.show(note)),
      ...(notes.isHere(note) ? [this.button("Select records", () => notes.select(notes.records(note)))] : []),
      element("span", { className: "spacer" }),
      this.button("Edit", () => this.edit(note)),
      this.button("Delete…", () => this.ask(note)),
    ]);
    const close = this.button("×", () => this.close(), "close");
    close.title = "Close (Escape)";
    close.setAttribute("aria-label", "Close the note");
    const words = element("p", { className: "words", textContent: note.text });
    words.tabIndex = 0; // it may scroll
    this.bubble.replaceChildren(
      element("div", { className: "row begin" }, [words, close]),
      element("p", { className: "muted", textContent: about.filter(Boolean).join(" · ") }),
      actions,
    );
  },

  ask(note) {
    const { element } = flhetero;
    const keep = this.button("Keep", () => {
      this.key = null;
      this.draw();
    });
    this.bubble.replaceChildren(
      element("p", { className: "words", textContent: note.text }),
      element("div", { className: "row" }, [
        element("span", { textContent: "Delete this note for everybody?" }),
        element("span", { className: "spacer" }),
        this.button("Delete note", () => this.remove(note), "main"), keep,
      ]),
    );
    keep.focus();
    this.placeBubble();
  },

  async remove(note) {
    const answer = await flhetero.notes.remove(note);
    if (answer.problem) return this.tell(answer.problem);
    const { notesBoard, notes } = flhetero;
    const undo = notesBoard.say("Note deleted.", "Undo", async () => {
      const back = await notes.restore(answer);
      if (back.problem) return notesBoard.say(`Could not be brought back: ${back.problem}`);
      notesBoard.say("");
      return notesBoard.focus(`open ${note.id}`);
    });
    undo.focus();
    return undefined;
  },

  edit(note) {
    const { element } = flhetero;
    this.editing = true;
    const value = this.drafts.get(note.id) ?? note.text;
    const field = element("textarea", { value, rows: 4, maxLength: 20000 });
    field.setAttribute("aria-label", "Text of the note");
    field.addEventListener("input", () => this.drafts.set(note.id, field.value));
    this.bubble.replaceChildren(
      field,
      element("div", { className: "row" }, [
        element("span", { className: "spacer" }),
        this.button("Save", () => this.save(note, field), "main"),
        this.button("Cancel", () => this.leave(note)),
      ]),
    );
    field.focus();
    this.placeBubble();
  },

  // Somebody else may have changed it meanwhile: both texts are shown then.
  async save(note, field) {
    if (!field.value.trim()) return this.tell("A note needs a text.");
    const answer = await flhetero.notes.edit(note, field.value);
    if (!answer.problem) return this.leave(answer);
    const { newer } = answer;
    if (!newer) return this.tell(`Could not be saved: ${answer.problem}`);
    if (newer.deleted) {
      this.tell("Somebody deleted this note meanwhile.");
      this.saveBy("Bring back and save", async () => {
        const back = await flhetero.notes.restore(newer);
        return back.problem ? this.tell(`Could not be saved: ${back.problem}`) : this.save(back, field);
      });
      return undefined;
    }
    this.tell(`${newer.author || "Somebody"} changed this note meanwhile. It says now: “${newer.text}”. `
      + "Saving again replaces that by your text.");
    this.saveBy("Save mine", () => this.save(newer, field));
    return undefined;
  },

  // Another way to save what was typed.
  saveBy(words, act) {
    this.bubble.querySelector("button.main").replaceWith(this.button(words, act, "main"));
    this.placeBubble();
  },

  tell(words) {
    let says = this.bubble.querySelector(".problem");
    if (!says) {
      says = flhetero.element("p", { className: "problem" });
      says.setAttribute("role", "alert");
      this.bubble.prepend(says);
    }
    says.textContent = words;
    this.placeBubble();
  },

  // Above the icon of its round, within the window.
  placeBubble() {
    if (!this.bubble || this.bubble.hidden || !this.shown) return;
    const icon = [...document.querySelectorAll(".note-icon")].find((one) =>
      Number(one.dataset.round) === this.shown.round && !one.hidden);
    const anchor = (icon || document.getElementById("annotations-board") || document.body).getBoundingClientRect();
    const box = this.bubble.getBoundingClientRect();
    const left = Math.min(Math.max(8, anchor.left + anchor.width / 2 - box.width / 2), window.innerWidth - box.width - 8);
    const top = anchor.top - box.height - 10, most = window.innerHeight - box.height - 8;
    this.bubble.style.left = `${left}px`;
    this.bubble.style.top = `${Math.max(8, Math.min(top, most))}px`;
    this.bubble.classList.toggle("above", Boolean(icon) && top >= 8 && top <= most);
    this.bubble.style.setProperty("--tip", `${anchor.left + anchor.width / 2 - left}px`);
  },
};

flhetero.keys("Annotations", "while a note is open", [
  [["Escape"], "close the note; while it is edited, leave it as it was"],
]);
