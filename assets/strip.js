/* The selected records, as small pictures (one file for all of them) or as numbers. */
flhetero.strip = {
  show(boardId, intent, data) {
    const board = document.getElementById(boardId);
    if (!board || !data) return;
    this.state = { intent, data };
    const shown = data.records.slice(0, data.most);
    const key = JSON.stringify([data.source, shown]);
    const hadFocus = board.contains(document.activeElement);
    if (board.flheteroKey !== key) {
      board.flheteroKey = key;
      const address = data.source && shown.length ? `url("${data.source}${shown.join(",")}")` : "";
      const tiles = shown.map((record, at) => {
        const tile = flhetero.tiles.tile(record, `record ${record}`, address, at, shown.length);
        if (address) flhetero.tiles.fit(tile, 36, data.aspect);
        tile.addEventListener("click", () => flhetero.propose(intent, { record: String(record) }));
        return tile;
      });
      const more = data.records.length - shown.length;
      if (more > 0) {
        tiles.push(flhetero.element("span", { className: "more", textContent: `and ${more} more` }));
      }
      board.replaceChildren(...tiles);
    }
    const chosen = flhetero.tiles.press(board, data.record);
    if (chosen && hadFocus) chosen.focus();
  },

  // The record before or after the shown one, within the selection and around its ends.
  step(intent, data, step) {
    if (!data || !data.records.length) return;
    const here = data.records.indexOf(data.record);
    const count = data.records.length;
    const next = here < 0 ? 0 : (here + step + count) % count;
    flhetero.propose(intent, { record: String(data.records[next]) });
  },

  STEPS: { ArrowLeft: -1, ArrowRight: 1 },

  key(event) {
    const panel = event.target.closest(".verified, .strip");
    const step = this.STEPS[event.key];
    // The strip of rounds inside the panel has arrow keys of its own.
    if (!panel || !step || !this.state || event.target.closest(".rounds, input")) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.step(this.state.intent, this.state.data, step);
  },
};

flhetero.keys("Instance Verification", "in the panel or on the selected records", [
  [["ArrowLeft", "ArrowRight"], "verify the record before or after in the selection"],
]);

/* Tiles of records, wherever they stand. */
flhetero.tiles = {
  tile(record, words, address, at, count) {
    const tile = flhetero.element("button", { type: "button", title: words });
    tile.dataset.record = record;
    tile.setAttribute("aria-label", words);
    if (address) this.picture(tile, address, at, count, 1);
    else {
      tile.className = "plain";
      tile.textContent = record;
    }
    return tile;
  },

  // One picture of a file that holds many, in rows of `columns`.
  picture(element, address, at, columns, rows) {
    const place = (index, count) => (count > 1 ? (100 * index) / (count - 1) : 0);
    element.style.backgroundImage = address;
    element.style.backgroundSize = `${columns * 100}% ${rows * 100}%`;
    element.style.backgroundPosition =
      `${place(at % columns, columns)}% ${place(Math.floor(at / columns), rows)}%`;
  },

  // As large as fits into a square, in the picture's own shape.
  fit(element, side, aspect) {
    element.style.width = `${side * Math.min(1, aspect)}px`;
    element.style.height = `${side * Math.min(1, 1 / aspect)}px`;
  },

  // One tile is pressed, and only it (or the first) is in the order of the Tab key.
  press(board, record) {
    const tiles = [...board.querySelectorAll("button[data-record]")];
    const chosen = tiles.find((tile) => Number(tile.dataset.record) === record);
    tiles.forEach((tile) => {
      tile.setAttribute("aria-pressed", String(tile === chosen));
      tile.tabIndex = tile === (chosen || tiles[0]) ? 0 : -1;
    });
    return chosen;
  },
};

document.addEventListener("keydown", (event) => flhetero.strip.key(event));
