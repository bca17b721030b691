/* What the label matrix says beside the pointer: the numbers of a cell, or one record. */
flhetero.matrixTip = {
  words(data, row, column, cell) {
    const name = (label) => data.names[label];
    const labels = `truth ${name(data.truths[column])}, federated ${name(data.outputs[row])}: `;
    if (!cell) return labels + "no inconsistent record";
    return labels + `${cell.n_selected} selected of ${cell.records.length} inconsistent`;
  },

  // How frequent the column's label is in the square at a place of the plane.
  square(data, column, [x, y]) {
    const n = data.n_squares;
    const at = (value) => Math.min(n - 1, Math.max(0, Math.floor(value * n)));
    const level = data.levels[column][at(y) * n + at(x)];
    if (level < 0) return "no local record here";
    const name = data.names[data.truths[column]];
    if (data.background === "share") return `${level}% of the records here have truth ${name}`;
    const times = level === 0 ? "at most ¼" : level === 100 ? "at least 4" :
      (2 ** (level / 25 - 2)).toFixed(1);
    return `truth ${name} is ${times} times as frequent here as overall`;
  },

  show(board, data, found, [x, y]) {
    const tip = board.querySelector(".matrix-tip") || this.made(board);
    const key = found.record ? `record ${found.record.record}` : `${found.row}:${found.column}`;
    const lines = found.record ? this.record(data, found.record) : [
      this.words(data, found.row, found.column, found.cell),
      this.square(data, found.column, found.place),
    ];
    tip.querySelector("div").replaceChildren(
      ...lines.map((text) => flhetero.element("p", { textContent: text })),
    );
    if (tip.dataset.shown !== key) {
      tip.dataset.shown = key;
      const picture = tip.querySelector("img");
      picture.hidden = !found.record || !data.source;
      if (!picture.hidden) picture.src = data.source + found.record.record;
    }
    tip.hidden = false;
    // Beside the pointer, on the side where there is room.
    const left = x > board.clientWidth / 2 ? x - tip.offsetWidth - 12 : x + 14;
    const top = Math.min(y + 14, board.clientHeight - tip.offsetHeight);
    tip.style.left = Math.max(0, left) + "px";
    tip.style.top = Math.max(0, top) + "px";
  },

  record(data, { record, rank, truth, output, alone }) {
    const verdict = (label) => `${data.names[label]} ${label === truth ? "✓" : "✗"}`;
    const lines = [`record ${record}` + (rank ? ` · neighbour ${rank}` : "")];
    lines.push(`truth ${data.names[truth]}`, `federated ${verdict(output)}`);
    if (alone !== undefined) lines.push(`stand-alone ${verdict(alone)}`);
    return lines;
  },

  made(board) {
    const tip = flhetero.element("div", { className: "matrix-tip", hidden: true }, [
      flhetero.element("img", { alt: "", hidden: true }),
      flhetero.element("div"),
    ]);
    // The grid says the same to assistive technology.
    tip.setAttribute("aria-hidden", "true");
    board.append(tip);
    return tip;
  },

  hide(board) {
    const tip = board.querySelector(".matrix-tip");
    if (tip) tip.hidden = true;
  },
};
