/* The label matrix: what it shows, and what pointer and keyboard do to it. */
flhetero.matrix = {
  show(boardId, intent, data, near, reset) {
    const board = document.getElementById(boardId);
    if (!board) return;
    const before = this.state || {};
    const isMessage = flhetero.message(board, data);
    this.state = isMessage ? null : this.stateOf(board, intent, data, near, reset, before);
    if (isMessage) return;
    if (!board.querySelector("canvas")) this.build(board);
    this.lookAgain();
  },

  stateOf(board, intent, data, near, reset, before) {
    const isSame = before.source === data && before.board === board;
    const source = data;
    // Cells are sorted anew when the selection changes, but not those in the page's store.
    data = isSame ? before.data : { ...data, cells: data.cells.map((cell) => ({ ...cell })) };
    const samePlane = before.data && before.data.plane === data.plane;
    const sameLabels = samePlane && String([before.data.truths, before.data.outputs]) ===
      String([data.truths, data.outputs]);
    const across = data.truths.length;
    const cells = isSame ? before.cells
      : new Map(data.cells.map((cell) => [cell.row * across + cell.column, cell]));
    return {
      board, intent, data, source, reset, cells,
      near: this.nearOf(data, near),
      window: samePlane ? before.window : flhetero.matrixWindow.WHOLE,
      active: sameLabels ? before.active : this.first(data),
      focused: Boolean(before.focused),
      backgrounds: new Map(),
    };
  },

  // The chosen record in its cell; only within the plane that is shown.
  nearOf(data, near) {
    if (!near || near.plane !== data.plane) return null;
    const row = data.outputs.indexOf(near.output), column = data.truths.indexOf(near.truth);
    return { ...near, row, column };
  },

  // The cell that the keyboard starts from: the chosen one, else the first that holds records.
  first(data) {
    const chosen = data.chosen &&
      { row: data.outputs.indexOf(data.chosen[1]), column: data.truths.indexOf(data.chosen[0]) };
    if (chosen && chosen.row >= 0 && chosen.column >= 0) return chosen;
    return { row: data.cells[0].row, column: data.cells[0].column };
  },

  build(board) {
    const canvas = flhetero.element("canvas");
    const scroller = flhetero.element("div", { className: "matrix-scroller", tabIndex: -1 }, [
      flhetero.element("div", { className: "matrix-extent" }, [canvas]),
    ]);
    flhetero.matrixPointer.listen(this, canvas);
    scroller.addEventListener("scroll", () => this.later());
    board.replaceChildren(scroller, flhetero.matrixGrid.made(this), flhetero.matrixFiles.bar(this));
    if (this.watcher) this.watcher.disconnect();
    this.watcher = new ResizeObserver(() => this.state && this.lookAgain());
    this.watcher.observe(board);
    if (this.watched) return;
    this.watched = true;
    flhetero.matrixLink.listen(this);
    // Colours are drawn into canvases, so a change of theme draws them anew.
    new MutationObserver(() => this.state && this.lookAgain()).observe(
      document.documentElement, { attributeFilter: ["data-mantine-color-scheme"] },
    );
  },

  // Measure, then draw: after new data, another size of the panel, another theme.
  lookAgain() {
    const { board, data } = this.state;
    const canvas = board.querySelector("canvas");
    if (!canvas) return;
    const scroller = board.querySelector(".matrix-scroller");
    const extent = board.querySelector(".matrix-extent");
    this.state.backgrounds = new Map();
    let room = { width: scroller.offsetWidth, height: scroller.offsetHeight };
    // A second time, because a scroll bar may have taken some of the room.
    for (let turn = 0; turn < 2; turn += 1) {
      this.state.shape = flhetero.matrixShape.of(data, room, canvas.getContext("2d"));
      const [width, height] = flhetero.matrixShape.extent(this.state.shape);
      extent.style.width = width + "px";
      extent.style.height = height + "px";
      room = { width: scroller.clientWidth, height: scroller.clientHeight };
    }
    this.draw();
  },

  later() {
    if (this.waiting) return;
    this.waiting = true;
    window.requestAnimationFrame(() => {
      this.waiting = false;
      if (this.state) this.draw();
    });
  },

  draw() {
    const { board } = this.state;
    const canvas = board.querySelector("canvas");
    if (!canvas) return;
    const scroller = canvas.closest(".matrix-scroller");
    this.state.view = {
      left: scroller.scrollLeft,
      top: scroller.scrollTop,
      width: scroller.clientWidth,
      height: scroller.clientHeight,
    };
    canvas.style.width = scroller.clientWidth + "px";
    canvas.style.height = scroller.clientHeight + "px";
    const { window: seen, shape, view } = this.state;
    // What is on the canvas, for tests and for the curious.
    canvas.dataset.cells = flhetero.matrixPaint.all(canvas, this.state);
    canvas.dataset.window = [seen.left, seen.bottom, seen.width, seen.height]
      .map((number) => number.toFixed(4)).join(" ");
    canvas.dataset.selected = this.state.data.cells.reduce((sum, cell) => sum + cell.n_selected, 0);
    canvas.dataset.near = this.state.near ? this.state.near.near.map((one) => one.record).join() : "";
    flhetero.matrixGrid.fill(board.querySelector("[role=grid]"), this.state);
    this.tellFactor(flhetero.matrixWindow.factor(seen));
    return [shape, view];
  },

  tellFactor(factor) {
    const words = `${factor < 9.95 ? factor.toFixed(1).replace(".0", "") : factor.toFixed(0)}×`;
    if (this.told === words) return;
    this.told = words;
    dash_clientside.set_props(this.state.reset, { children: words });
  },

  look(window) {
    this.state.window = window;
    this.later();
  },

  zoomBy(key) {
    if (!this.state) return;
    const windows = flhetero.matrixWindow, seen = this.state.window;
    if (key === "0") this.look(windows.WHOLE);
    else if (key === "-" || key === "_") {
      const middle = [seen.left + seen.width / 2, seen.bottom + seen.height / 2];
      this.look(windows.zoomed(seen, 1 / windows.STEP, middle));
    } else this.look(windows.centred(seen, windows.STEP, this.interest()));
  },

  // What a zoom without a pointer looks at: the selected records in view, else all in view.
  interest() {
    const { data, window: seen } = this.state;
    const places = (all) => data.cells
      .flatMap((cell) => (all ? cell.places : cell.places.slice(0, cell.n_selected)))
      .filter((place) => flhetero.matrixWindow.holds(seen, place));
    const inView = places(false).length ? places(false) : places(true);
    if (!inView.length) return [seen.left + seen.width / 2, seen.bottom + seen.height / 2];
    const mean = (axis) => inView.reduce((sum, place) => sum + place[axis], 0) / inView.length;
    return [mean(0), mean(1)];
  },

  // A place of the plane, on the canvas, within a cell at (left, top); and back.
  pixel(seen, shape, left, top, [x, y]) {
    return [
      left + ((x - seen.left) / seen.width) * shape.width,
      top + (1 - (y - seen.bottom) / seen.height) * shape.height,
    ];
  },

  plane(seen, shape, left, top, [x, y]) {
    return [
      seen.left + ((x - left) / shape.width) * seen.width,
      seen.bottom + (1 - (y - top) / shape.height) * seen.height,
    ];
  },

  choose(row, column) {
    const { data, cells, intent } = this.state;
    if (!data.can_select || !cells.has(row * data.truths.length + column)) return;
    flhetero.propose(intent, { cell: `${data.truths[column]}-${data.outputs[row]}` });
  },

  activate(row, column) {
    const { board, shape, view } = this.state;
    this.state.active = { row, column };
    this.state.focused = true;
    board.querySelector(".matrix-scroller").scrollTo(
      flhetero.matrixShape.towards(shape, view, row, column),
    );
    this.draw();
  },

  focus(isVisible) {
    if (!this.state) return;
    this.state.focused = isVisible;
    this.later();
  },
};
