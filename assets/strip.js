/* The selected records, as small pictures (one file for all of them) or as numbers. */
flhetero.strip = {
  MOST: 60, // pictures; the contact sheet has the rest
  intent: null,

  // What is selected is known to the browser, and shown as soon as it changes.
  show() {
    if (!this.isLinked) {
      this.isLinked = true;
      flhetero.link.on(() => this.draw());
      document.addEventListener("click", (event) => {
        const button = event.target.closest("#instance-previous, #instance-next");
        if (button) this.step(button.id === "instance-next" ? 1 : -1);
      });
    } else this.draw();
  },

  draw() {
    const board = document.getElementById("instance-strip");
    if (!board) return;
    const { records, record, pictures, aspect, noted } = flhetero.link.state;
    const shown = records.slice(0, this.MOST);
    const key = JSON.stringify([pictures, shown]);
    const hadFocus = board.contains(document.activeElement);
    if (board.flheteroKey !== key) {
      board.flheteroKey = key;
      board.replaceChildren(...this.tiles(shown, records.length - shown.length, pictures, aspect));
      document.getElementById("instance-strip-title").textContent = records.length
        ? `Selected records (${records.length.toLocaleString("en")})` : "Selected records";
    }
    const isNoted = new Set(noted);
    board.querySelectorAll("button[data-record]").forEach((tile) =>
      tile.classList.toggle("noted", isNoted.has(Number(tile.dataset.record))));
    const chosen = flhetero.tiles.press(board, record);
    if (chosen && hadFocus) chosen.focus();
    this.tellPosition(records, record);
  },

  tiles(shown, more, pictures, aspect) {
    const address = pictures && shown.length ? `url("${pictures}${shown.join(",")}")` : "";
    const tiles = shown.map((record, at) => {
      const tile = flhetero.tiles.tile(record, `record ${record}`, address, at, shown.length);
      if (address) flhetero.tiles.fit(tile, 36, aspect);
      tile.addEventListener("click", () => this.verify(record));
      return tile;
    });
    if (more > 0) {
      const words = `and ${more.toLocaleString("en")} more`;
      tiles.push(flhetero.element("span", { className: "more", textContent: words }));
    }
    return tiles;
  },

  tellPosition(records, record) {
    const at = record === null ? -1 : records.indexOf(record);
    const among = `${at + 1} of ${records.length.toLocaleString("en")}`;
    const apart = record === null ? "" : "not in the selection";
    document.getElementById("instance-position").textContent = at < 0 ? apart : among;
  },

  // Seen at once; what is known of the record follows.
  verify(record) {
    flhetero.link.set({ record });
    flhetero.propose(this.intent, { record: String(record) });
  },

  // The record before or after the shown one, within the selection and around its ends.
  step(step) {
    const { records, record } = flhetero.link.state;
    if (!records.length) return;
    const here = records.indexOf(record);
    this.verify(records[here < 0 ? 0 : (here + step + records.length) % records.length]);
  },

  STEPS: { ArrowLeft: -1, ArrowRight: 1 },

  key(event) {
    const panel = event.target.closest(".verified, .strip");
    const step = this.STEPS[event.key];
    // The strip of rounds inside the panel has arrow keys of its own.
    if (!panel || !step || !this.intent || event.target.closest(".rounds, input")) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.step(step);
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
