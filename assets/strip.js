/* The selected records, as small pictures (one file for all of them) or as numbers. */
flhetero.strip = {
  show(boardId, intent, data) {
    const board = document.getElementById(boardId);
    if (!board || !data) return;
    const shown = data.records.slice(0, data.most);
    const key = JSON.stringify([data.source, shown]);
    if (board.flheteroKey !== key) {
      board.flheteroKey = key;
      const address = data.source && shown.length ? `url("${data.source}${shown.join(",")}")` : "";
      const tiles = shown.map((record, at) => this.tile(intent, record, at, shown.length, address));
      const more = data.records.length - shown.length;
      if (more > 0) {
        tiles.push(flhetero.element("span", { className: "more", textContent: `and ${more} more` }));
      }
      board.replaceChildren(...tiles);
    }
    board.querySelectorAll("button").forEach((tile) => {
      tile.setAttribute("aria-pressed", String(Number(tile.dataset.record) === data.record));
    });
  },

  tile(intent, record, at, count, address) {
    const tile = flhetero.element("button", { type: "button", title: `record ${record}` });
    tile.dataset.record = record;
    tile.setAttribute("aria-label", `record ${record}`);
    if (address) {
      tile.style.backgroundImage = address;
      tile.style.backgroundSize = `${count * 100}% 100%`;
      tile.style.backgroundPosition = count > 1 ? `${(100 * at) / (count - 1)}% 0` : "0 0";
    } else {
      tile.className = "plain";
      tile.textContent = record;
    }
    tile.addEventListener("click", () => flhetero.propose(intent, { record: String(record) }));
    return tile;
  },

  // The record before or after the shown one, within the selection and around its ends.
  step(intent, data, step) {
    if (!data || !data.records.length) return;
    const here = data.records.indexOf(data.record);
    const count = data.records.length;
    const next = here < 0 ? 0 : (here + step + count) % count;
    flhetero.propose(intent, { record: String(data.records[next]) });
  },
};
