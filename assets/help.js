/* The help sheet: what each panel shows, all keys, and what the colours mean. */
flhetero.help = {
  DIALOG: "help-dialog",
  SIGNS: {
    ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", " ": "Space", Escape: "Esc",
    PageUp: "Page ↑", PageDown: "Page ↓", "-": "−", "Shift+Arrow": "Shift ←→↑↓",
  },
  // What a key is called where it is heard, not seen.
  NAMES: {
    ArrowLeft: "left arrow", ArrowRight: "right arrow", ArrowUp: "up arrow",
    ArrowDown: "down arrow", "Shift+Arrow": "Shift and an arrow", "?": "question mark",
    "[": "left bracket", "]": "right bracket", "+": "plus", "-": "minus",
  },

  open(boardId, data) {
    const board = document.getElementById(boardId);
    if (!board || !flhetero.dialog.open(document.getElementById(this.DIALOG))) return;
    const { panels, common, colours } = data;
    board.replaceChildren(flhetero.element("div", { className: "help-columns" }, [
      this.section("Keys anywhere on the page", [], [
        ["", flhetero.shortcuts.map((one) => [[one.key], one.description])],
        ["in every control", common],
      ], [this.switch()]),
      this.colours(colours),
      ...panels.map((panel) => this.section(
        panel.title, [panel.shows, panel.next],
        flhetero.keyed.filter((one) => one.panel === panel.title)
          .map((one) => [one.place, one.rows]),
      )),
    ]));
    board.scrollTop = 0;
  },

  section(title, words, tables, more) {
    const element = flhetero.element.bind(flhetero);
    return element("section", {}, [
      element("h3", { textContent: title }),
      ...words.map((textContent) => element("p", { textContent })),
      ...tables.filter(([, rows]) => rows.length).map(([place, rows]) => this.table(title, place, rows)),
      ...(more || []),
    ]);
  },

  table(title, place, rows) {
    const element = flhetero.element.bind(flhetero);
    const lines = rows.map(([keys, words]) => {
      const written = keys.flatMap((key, at) => [...(at ? [" "] : []), this.key(key)]);
      const head = element("th", { scope: "row" }, written);
      return element("tr", {}, [head, element("td", { textContent: words })]);
    });
    const caption = element("caption", {}, place ? [place] : [flhetero.heard(title)]);
    return element("table", { className: "keys" }, [caption, element("tbody", {}, lines)]);
  },

  key(key) {
    const sign = flhetero.element("span", { textContent: this.SIGNS[key] || key });
    const made = flhetero.element("kbd", {}, [sign]);
    made.dataset.key = key;
    if (this.NAMES[key]) {
      sign.setAttribute("aria-hidden", "true");
      made.append(flhetero.heard(this.NAMES[key]));
    }
    return made;
  },

  colours(rows) {
    const element = flhetero.element.bind(flhetero);
    const lines = rows.map(([sign, name, words]) => {
      const mark = element("td", { className: `meaning ${name}`, textContent: sign });
      mark.setAttribute("aria-hidden", "true");
      return element("tr", {}, [mark, element("td", { textContent: words })]);
    });
    const table = element("table", { className: "keys" }, [
      element("caption", { textContent: "the same in every panel" }),
      element("tbody", {}, lines),
    ]);
    return element("section", {}, [element("h3", { textContent: "Colours and signs" }), table]);
  },

  // Voice control may write letters, which then would be taken for keys.
  switch() {
    const box = flhetero.element("input", { type: "checkbox" });
    box.checked = !flhetero.shortcutsOff.get();
    box.addEventListener("change", () => flhetero.shortcutsOff.set(!box.checked));
    return flhetero.element("label", { className: "switch" }, [
      box, " The keys that work anywhere are on",
    ]);
  },
};

flhetero.shortcut("?", "This help", () => document.getElementById("help-open").click());
