/* What the pointer does to the label matrix: choose a cell or a record, draw a box, turn the wheel. */
flhetero.matrixPointer = {
  DRAG: 5, // pixels until a press becomes a box
  DOUBLE_MS: 260,

  listen(matrix, canvas) {
    const on = (name, act, options) =>
      canvas.addEventListener(name, (event) => matrix.state && act.call(this, matrix, event), options);
    on("pointerdown", this.press);
    on("pointermove", this.move);
    on("pointerup", this.release);
    on("pointerleave", this.leave);
    on("dblclick", () => matrix.zoomBy("0"));
    on("wheel", this.wheel, { passive: false });
  },

  // What is at a place of the canvas: a cell, and a record if one is near enough.
  under(matrix, x, y) {
    const { data, shape, view, window: seen, cells, near } = matrix.state;
    const found = flhetero.matrixShape.at(shape, view, x, y);
    if (!found) return null;
    const { row, column } = found;
    const [across, down] = flhetero.matrixShape.corner(shape, row, column);
    const left = across - view.left, top = down - view.top;
    const cell = cells.get(row * data.truths.length + column);
    const labels = { truth: data.truths[column], output: data.outputs[row] };
    let record = null, best = Math.min(6, shape.width / 9);
    const look = (place, what) => {
      const [px, py] = matrix.pixel(seen, shape, left, top, place);
      const away = Math.hypot(px - x, py - y);
      if (away < best) [record, best] = [what(), away];
    };
    if (cell && data.points) {
      cell.places.forEach((place, at) => look(place, () =>
        ({ ...labels, record: cell.records[at], alone: cell.alone[at] })));
    }
    if (near && near.row === row && near.column === column) {
      near.near.forEach((one, at) => look(one.place, () => ({ ...one, rank: at + 1 })));
    }
    return { row, column, cell, record, left, top, place: matrix.plane(seen, shape, left, top, [x, y]) };
  },

  press(matrix, event) {
    if (event.button !== 0) return;
    const found = this.under(matrix, event.offsetX, event.offsetY);
    this.pressed = found && { found, from: [event.offsetX, event.offsetY] };
    if (event.pointerType !== "touch" && found) event.target.setPointerCapture(event.pointerId);
  },

  move(matrix, event) {
    const here = [event.offsetX, event.offsetY];
    const { board, data, shape } = matrix.state;
    if (this.pressed && event.pointerType !== "touch") {
      const { found, from } = this.pressed;
      if (Math.hypot(here[0] - from[0], here[1] - from[1]) < this.DRAG) return;
      const within = (value, low, size) => Math.max(low, Math.min(low + size, value));
      matrix.state.box = {
        from,
        to: [within(here[0], found.left, shape.width), within(here[1], found.top, shape.height)],
      };
      flhetero.matrixTip.hide(board);
      matrix.later();
      return;
    }
    const found = this.under(matrix, ...here);
    flhetero.matrixLink.hover(matrix.state, found);
    event.target.style.cursor = found && this.canChoose(matrix, found) ? "pointer" : "crosshair";
    if (found) flhetero.matrixTip.show(board, data, found, here);
    else flhetero.matrixTip.hide(board);
  },

  canChoose(matrix, found) {
    return matrix.state.data.can_select && Boolean(found.record || found.cell);
  },

  release(matrix) {
    const pressed = this.pressed, box = matrix.state.box;
    this.pressed = null;
    matrix.state.box = null;
    if (!pressed) return;
    const { found } = pressed;
    if (box) {
      const { window: seen, shape } = matrix.state;
      const corner = (at) => matrix.plane(seen, shape, found.left, found.top, at);
      matrix.look(flhetero.matrixWindow.between(corner(box.from), corner(box.to)));
      return;
    }
    matrix.state.active = { row: found.row, column: found.column };
    matrix.state.board.querySelector("[role=grid]").focus({ preventScroll: true });
    matrix.later();
    // While zoomed in, a click may be the first half of a double click, which zooms out.
    const wait = flhetero.matrixWindow.isWhole(matrix.state.window) ? 0 : this.DOUBLE_MS;
    window.clearTimeout(this.timer);
    const isSecond = this.clicked && performance.now() - this.clicked < this.DOUBLE_MS;
    this.clicked = performance.now();
    if (wait && isSecond) return;
    this.timer = window.setTimeout(() => this.clickOn(matrix, found), wait);
  },

  clickOn(matrix, found) {
    if (!matrix.state || !this.canChoose(matrix, found)) return;
    if (found.record) {
      flhetero.link.set({ record: found.record.record });
      flhetero.propose(matrix.state.intent, { record: String(found.record.record) });
    } else matrix.choose(found.row, found.column);
  },

  leave(matrix) {
    flhetero.matrixLink.hover(matrix.state, null);
    flhetero.matrixTip.hide(matrix.state.board);
  },

  // The wheel zooms where there is nothing to scroll, and everywhere with Ctrl.
  wheel(matrix, event) {
    const scroller = event.target.closest(".matrix-scroller");
    const canScroll = scroller.scrollHeight > scroller.clientHeight + 1 ||
      scroller.scrollWidth > scroller.clientWidth + 1;
    const found = this.under(matrix, event.offsetX, event.offsetY);
    if (!found || (canScroll && !event.ctrlKey)) return;
    event.preventDefault();
    const factor = event.deltaY < 0 ? 1.25 : 0.8;
    matrix.look(flhetero.matrixWindow.zoomed(matrix.state.window, factor, found.place));
  },
};
