/* The label matrix on one canvas, and a hidden table of the same for assistive technology. */
flhetero.matrix = {
  HEAD: 26,
  SIDE: 58,
  GAP: 3,
  SMALLEST: 36,

  show(boardId, intent, data, record) {
    const board = document.getElementById(boardId);
    if (!board) return;
    this.state = { board, intent, data, record: record && record.record ? Number(record.record) : null };
    if (flhetero.message(board, data)) return;
    const canvas = flhetero.element("canvas");
    canvas.addEventListener("click", (event) => this.click(event));
    canvas.addEventListener("mousemove", (event) => this.hover(event));
    board.replaceChildren(canvas, this.table(data, intent));
    this.draw();
    if (!this.watcher) {
      this.watcher = new ResizeObserver(() => this.state.board.querySelector("canvas") && this.draw());
      this.watcher.observe(board);
    }
  },

  sizes(board, data) {
    const columns = data.columns.length, rows = data.rows.length;
    const room = board.getBoundingClientRect();
    const across = (room.width - this.SIDE) / columns - this.GAP;
    const down = (room.height - this.HEAD) / rows - this.GAP;
    const width = Math.max(this.SMALLEST, Math.min(across, 170));
    const height = Math.max(this.SMALLEST * 0.8, Math.min(down, width));
    return { columns, rows, width, height };
  },

  corner(row, column, size) {
    return [
      this.SIDE + column * (size.width + this.GAP),
      this.HEAD + row * (size.height + this.GAP),
    ];
  },

  draw() {
    const { board, data } = this.state;
    const canvas = board.querySelector("canvas");
    const size = this.sizes(board, data);
    this.state.size = size;
    const [width, height] = this.corner(size.rows, size.columns, size);
    canvas.style.width = width + "px";
    canvas.style.height = height + "px";
    const context = flhetero.context(canvas, width, height);
    this.drawLabels(context, data, size);
    const byPlace = new Map(data.cells.map((cell) => [`${cell.row}:${cell.column}`, cell]));
    const backgrounds = data.background.map((shares) => this.background(data, shares));
    for (let row = 0; row < size.rows; row += 1) {
      for (let column = 0; column < size.columns; column += 1) {
        this.drawCell(context, row, column, byPlace.get(`${row}:${column}`), backgrounds[column]);
      }
    }
  },

  drawLabels(context, data, size) {
    context.font = "11px " + flhetero.colour("font");
    context.fillStyle = flhetero.colour("muted");
    context.textBaseline = "middle";
    context.textAlign = "left";
    context.font = "10px " + flhetero.colour("font");
    context.textAlign = "right";
    context.fillText("truth →", this.SIDE - 8, 6);
    context.textAlign = "left";
    context.fillText("federated ↓", 0, 19, this.SIDE - 4);
    context.font = "11px " + flhetero.colour("font");
    context.fillStyle = flhetero.colour("text");
    context.textAlign = "center";
    data.columns.forEach((name, column) => {
      const [left] = this.corner(0, column, size);
      context.fillText(name, left + size.width / 2, this.HEAD / 2, size.width);
    });
    context.textAlign = "right";
    data.rows.forEach((name, row) => {
      const [, top] = this.corner(row, 0, size);
      context.fillText(name, this.SIDE - 8, top + size.height / 2, this.SIDE - 12);
    });
  },

  // A column's background: its squares at their true widths, the last may be narrower.
  background(data, shares) {
    const side = 120;
    const canvas = flhetero.element("canvas", { width: side, height: side });
    const context = canvas.getContext("2d");
    const across = data.x_edges.length - 1;
    const empty = flhetero.colour("raised");
    const ink = flhetero.colour("gained");
    shares.forEach((share, at) => {
      if (share < 0) return;
      const row = Math.floor(at / across), column = at % across;
      const left = data.x_edges[column] * side, right = data.x_edges[column + 1] * side;
      const bottom = data.y_edges[row] * side, top = data.y_edges[row + 1] * side;
      context.globalAlpha = 1;
      context.fillStyle = empty;
      context.fillRect(left, side - top, right - left, top - bottom);
      context.globalAlpha = (0.75 * share) / 100;
      context.fillStyle = ink;
      context.fillRect(left, side - top, right - left, top - bottom);
    });
    return canvas;
  },

  drawCell(context, row, column, cell, background) {
    const { data, size, record } = this.state;
    const [left, top] = this.corner(row, column, size);
    const isChosen =
      data.chosen && data.truths[column] === data.chosen[0] && data.outputs[row] === data.chosen[1];
    context.globalAlpha = cell ? 1 : 0.45;
    context.drawImage(background, left, top, size.width, size.height);
    context.globalAlpha = 1;
    context.lineWidth = isChosen ? 2 : 1;
    context.strokeStyle = flhetero.colour(isChosen ? "inconsistent" : "line");
    context.strokeRect(left + 0.5, top + 0.5, size.width - 1, size.height - 1);
    if (!cell) return;
    const place = ([x, y]) => [left + x * size.width, top + (1 - y) * size.height];
    context.strokeStyle = context.fillStyle = flhetero.colour("inconsistent");
    if (!data.points && cell.hull.length > 2) {
      context.beginPath();
      cell.hull.forEach((point) => context.lineTo(...place(point)));
      context.closePath();
      context.globalAlpha = 0.3;
      context.fill();
      context.globalAlpha = 1;
      context.stroke();
    } else {
      cell.places.forEach((point, at) => {
        this.dot(context, place(point), at < cell.n_selected, cell.records[at] === record);
      });
    }
    const isSmall = size.width < 56;
    context.font = (isSmall ? "600 9.5px " : "600 11px ") + flhetero.colour("font");
    context.textAlign = "left";
    context.textBaseline = "top";
    const text = [cell.n_selected, cell.records.length].join(isSmall ? "/" : " / ");
    context.fillStyle = flhetero.colour("panel");
    context.globalAlpha = 0.8;
    context.fillRect(left + 1, top + 1, context.measureText(text).width + 5, isSmall ? 11 : 14);
    context.globalAlpha = 1;
    context.fillStyle = flhetero.colour("text");
    context.fillText(text, left + 3, top + 2);
  },

  dot(context, [x, y], isSelected, isRecord) {
    context.fillStyle = flhetero.colour("inconsistent");
    context.globalAlpha = isSelected ? 1 : 0.55;
    context.beginPath();
    context.arc(x, y, isSelected ? 2.8 : 2.2, 0, 2 * Math.PI);
    context.fill();
    context.globalAlpha = 1;
    if (!isSelected && !isRecord) return;
    context.lineWidth = isRecord ? 2 : 1;
    context.strokeStyle = flhetero.colour("text");
    context.beginPath();
    context.arc(x, y, isRecord ? 5.5 : 2.8, 0, 2 * Math.PI);
    context.stroke();
  },

  // The cell under the pointer, and its record there if one is near.
  under(event) {
    const { data, size } = this.state;
    const column = Math.floor((event.offsetX - this.SIDE) / (size.width + this.GAP));
    const row = Math.floor((event.offsetY - this.HEAD) / (size.height + this.GAP));
    const cell = data.cells.find((one) => one.row === row && one.column === column);
    if (!cell || event.offsetX < this.SIDE || event.offsetY < this.HEAD) return {};
    const [left, top] = this.corner(row, column, size);
    let nearest = null, best = 6;
    if (data.points) {
      cell.places.forEach(([x, y], at) => {
        const away = Math.hypot(
          left + x * size.width - event.offsetX,
          top + (1 - y) * size.height - event.offsetY,
        );
        if (away < best) [nearest, best] = [cell.records[at], away];
      });
    }
    return { cell, record: nearest };
  },

  click(event) {
    const { intent, data } = this.state;
    const { cell, record } = this.under(event);
    if (!cell || !data.can_select) return;
    if (record !== null) flhetero.propose(intent, { record: String(record) });
    else this.choose(intent, data, cell);
  },

  choose(intent, data, cell) {
    flhetero.propose(intent, { cell: `${data.truths[cell.column]}-${data.outputs[cell.row]}` });
  },

  words(data, cell) {
    return (
      `truth ${data.columns[cell.column]}, federated ${data.rows[cell.row]}: ` +
      `${cell.n_selected} selected of ${cell.records.length} inconsistent`
    );
  },

  hover(event) {
    const { cell, record } = this.under(event);
    const words = cell ? this.words(this.state.data, cell) : "";
    event.target.title = record === null || record === undefined ? words : `record ${record}; ${words}`;
    event.target.style.cursor = cell && this.state.data.can_select ? "pointer" : "default";
  },

  table(data, intent) {
    const element = flhetero.element.bind(flhetero);
    const rows = data.cells.map((cell) => {
      const button = element("button", {
        type: "button",
        textContent: this.words(data, cell),
        disabled: !data.can_select,
      });
      button.dataset.cell = `${data.truths[cell.column]}-${data.outputs[cell.row]}`;
      button.addEventListener("click", () => this.choose(intent, data, cell));
      return element("tr", {}, [element("td", {}, [button])]);
    });
    return element("table", {}, [
      element("caption", { textContent: "Label matrix: cells with inconsistent records" }),
      element("tbody", {}, rows),
    ]);
  },
};
