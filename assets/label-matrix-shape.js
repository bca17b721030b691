/* Where the cells and labels of the label matrix are: sizes that fit the panel, or scrolled ones. */
flhetero.matrixShape = {
  GAP: 3,
  CORNER: 62,
  HEAD: 26,
  SMALLEST: [26, 24],
  SCROLLED: [46, 40],
  LONGEST: 92,

  of(data, room, context) {
    context.font = "11px " + flhetero.colour("font");
    const wide = (texts) => Math.max(...texts.map((text) => context.measureText(text).width));
    const whole = this.names(data, 0);
    const sideOf = ({ rows }) => Math.min(this.LONGEST, Math.max(this.CORNER, wide(rows) + 14));
    const widthOf = (names) =>
      this.along(room.width - sideOf(names), names.columns.length, 0);
    // Rows and columns lose the words that all share together, or neither.
    const { rows, columns } =
      wide(whole.columns) + 4 <= widthOf(whole) + this.GAP ? whole : this.names(data, this.shared(data));
    const side = sideOf({ rows });
    const width = widthOf({ rows, columns });
    const heads = this.heads(columns, width + this.GAP, wide);
    const height = this.along(room.height - heads.height, rows.length, 1);
    return {
      side,
      head: heads.height,
      rows,
      columns,
      isUpright: heads.isUpright,
      // Neither flat nor narrow, so that the plane keeps its looks.
      width: Math.min(width, Math.max(this.SCROLLED[0], 1.6 * height)),
      height: Math.min(height, Math.max(this.SCROLLED[1], 1.25 * width)),
    };
  },

  along(room, count, axis) {
    const each = Math.floor(room / count) - this.GAP;
    return each < this.SMALLEST[axis] ? this.SCROLLED[axis] : each;
  },

  // Names above the columns: along them, else upright.
  heads(names, room, wide) {
    if (wide(names) + 4 <= room) return { height: this.HEAD, isUpright: false };
    const height = Math.min(this.LONGEST - 12, wide(names)) + 12;
    return { height: Math.max(this.HEAD, height), isUpright: true };
  },

  names(data, start) {
    const named = (labels) => labels.map((label) => data.names[label].slice(start) || data.names[label]);
    return { rows: named(data.outputs), columns: named(data.truths) };
  },

  // Length of the words that all names begin with.
  shared(data) {
    const names = [...data.truths, ...data.outputs].map((label) => data.names[label]);
    let start = names[0];
    for (const name of names) while (!name.startsWith(start)) start = start.slice(0, -1);
    return start.lastIndexOf(" ") + 1;
  },

  extent(shape) {
    return [
      shape.side + shape.columns.length * (shape.width + this.GAP),
      shape.head + shape.rows.length * (shape.height + this.GAP),
    ];
  },

  corner(shape, row, column) {
    return [
      shape.side + column * (shape.width + this.GAP),
      shape.head + row * (shape.height + this.GAP),
    ];
  },

  // Rows and columns that are at least partly in view; both ends included.
  inView(shape, view) {
    const range = (start, room, pitch, count) => [
      Math.max(0, Math.floor(start / pitch)),
      Math.min(count - 1, Math.ceil((start + room) / pitch) - 1),
    ];
    return {
      rows: range(view.top, view.height - shape.head, shape.height + this.GAP, shape.rows.length),
      columns: range(
        view.left, view.width - shape.side, shape.width + this.GAP, shape.columns.length,
      ),
    };
  },

  // The row and column at a place of the canvas; null beside the cells and on the heads.
  at(shape, view, x, y) {
    if (x < shape.side || y < shape.head) return null;
    const column = Math.floor((x - shape.side + view.left) / (shape.width + this.GAP));
    const row = Math.floor((y - shape.head + view.top) / (shape.height + this.GAP));
    return row < shape.rows.length && column < shape.columns.length ? { row, column } : null;
  },

  // How far to scroll so that a cell is in view.
  towards(shape, view, row, column) {
    const [left, top] = this.corner(shape, row, column);
    const shift = (at, head, size, start, room) =>
      Math.min(at - head, Math.max(start, at + size - room));
    return {
      left: shift(left, shape.side, shape.width + this.GAP, view.left, view.width),
      top: shift(top, shape.head, shape.height + this.GAP, view.top, view.height),
    };
  },
};
