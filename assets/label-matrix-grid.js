/* The label matrix for assistive technology and the keyboard: a grid that is there but not seen.

Only the cells in view and the active one are in the document, with their places in the whole
grid, because there may be 10,000. The grid itself has the focus, so that none is lost when its
cells are replaced. */
flhetero.matrixGrid = {
  STEPS: {
    ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
    PageUp: [-5, 0], PageDown: [5, 0],
  },
  PANS: { ArrowUp: [0, 0.25], ArrowDown: [0, -0.25], ArrowLeft: [-0.25, 0], ArrowRight: [0.25, 0] },

  made(matrix) {
    const grid = flhetero.element("div", { className: "matrix-grid", tabIndex: 0 });
    grid.setAttribute("role", "grid");
    grid.setAttribute(
      "aria-label",
      "Label matrix: columns are ground truth, rows federated output. Arrow keys move, Enter " +
        "selects the cell's inconsistent records, plus, minus and 0 zoom.",
    );
    grid.addEventListener("keydown", (event) => this.key(matrix, event));
    grid.addEventListener("click", (event) => {
      const cell = event.target.closest("[role=gridcell]");
      if (cell) matrix.choose(Number(cell.dataset.row), Number(cell.dataset.column));
    });
    grid.addEventListener("focus", () => matrix.focus(grid.matches(":focus-visible")));
    grid.addEventListener("blur", () => matrix.focus(false));
    return grid;
  },

  key(matrix, event) {
    const state = matrix.state;
    if (event.altKey || event.metaKey) return;
    const pan = event.shiftKey && this.PANS[event.key];
    if (pan) matrix.look(flhetero.matrixWindow.moved(state.window, pan));
    else if (event.key in this.STEPS || event.key === "Home" || event.key === "End") {
      matrix.activate(...this.after(state, event));
    } else if (event.key === "Enter" || event.key === " ") {
      matrix.choose(state.active.row, state.active.column);
    } else if (event.key === "Escape") matrix.focus(false);
    else if ("+=-_0".includes(event.key) && !event.ctrlKey) matrix.zoomBy(event.key);
    else return;
    event.preventDefault();
  },

  // Where a key leads, within the matrix.
  after({ active, data }, event) {
    const last = [data.outputs.length - 1, data.truths.length - 1];
    if (event.key === "Home") return [event.ctrlKey ? 0 : active.row, 0];
    if (event.key === "End") return [event.ctrlKey ? last[0] : active.row, last[1]];
    const [down, right] = this.STEPS[event.key];
    const within = (value, most) => Math.max(0, Math.min(most, value));
    return [within(active.row + down, last[0]), within(active.column + right, last[1])];
  },

  fill(grid, state) {
    const { rows, columns } = flhetero.matrixShape.inView(state.shape, state.view);
    const shown = (range, active) => {
      const places = [];
      for (let at = range[0]; at <= range[1]; at += 1) places.push(at);
      if (!places.includes(active)) places.push(active);
      return places.sort((one, other) => one - other);
    };
    const down = shown(rows, state.active.row), across = shown(columns, state.active.column);
    const key = JSON.stringify([down, across, state.marked]);
    if (grid.flheteroData !== state.data || grid.flheteroKey !== key) {
      grid.flheteroData = state.data;
      grid.flheteroKey = key;
      grid.setAttribute("aria-rowcount", state.data.outputs.length + 1);
      grid.setAttribute("aria-colcount", state.data.truths.length + 1);
      grid.replaceChildren(
        this.heads(state.data, across), ...down.map((row) => this.row(state, row, across)),
      );
    }
    grid.setAttribute(
      "aria-activedescendant", this.idOf(state.active.row, state.active.column),
    );
  },

  idOf(row, column) {
    return `matrix-cell-${row}-${column}`;
  },

  part(role, text, column) {
    const part = flhetero.element("span", { textContent: text });
    part.setAttribute("role", role);
    part.setAttribute("aria-colindex", column + 2);
    return part;
  },

  heads(data, columns) {
    const heads = columns.map((column) =>
      this.part("columnheader", data.names[data.truths[column]], column));
    return this.line(0, [this.part("columnheader", "federated output", -1), ...heads]);
  },

  line(index, parts) {
    const line = flhetero.element("div", {}, parts);
    line.setAttribute("role", "row");
    line.setAttribute("aria-rowindex", index + 1);
    return line;
  },

  row(state, row, columns) {
    const { data } = state;
    const cells = columns.map((column) => {
      const cell = state.cells.get(row * data.truths.length + column);
      const part = this.part("gridcell", flhetero.matrixTip.words(data, row, column, cell), column);
      part.id = this.idOf(row, column);
      Object.assign(part.dataset, { row, column });
      const label = `${data.truths[column]}-${data.outputs[row]}`;
      if (cell) part.dataset.cell = label;
      const isChosen = Boolean(data.chosen) && data.chosen.join("-") === label;
      part.setAttribute("aria-selected", String(isChosen));
      if (!cell || !data.can_select) part.setAttribute("aria-disabled", "true");
      return part;
    });
    const head = this.part("rowheader", data.names[data.outputs[row]], -1);
    return this.line(row + 1, [head, ...cells]);
  },
};

flhetero.keys("Label matrix", "in the matrix", [
  [["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"], "go from cell to cell"],
  [["PageUp", "PageDown"], "five rows up or down"],
  [["Home", "End"], "first or last cell of the row; with Ctrl of the matrix"],
  [["Enter", " "], "select the cell's inconsistent records"],
  [["+", "-", "0"], "zoom all cells in, out, or to the whole plane"],
  [["Shift+Arrow"], "move what all cells show"],
  [["Escape"], "no longer mark the cell"],
]);
