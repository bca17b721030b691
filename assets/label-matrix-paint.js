/* Drawing the label matrix: only what is in view, on one canvas. */
flhetero.matrixPaint = {
  names: ["font", "panel", "raised", "line", "text", "muted", "total", "gained", "inconsistent"],

  inks() {
    return Object.fromEntries(this.names.map((name) => [name, flhetero.colour(name)]));
  },

  all(canvas, state) {
    const { shape, view } = state;
    const context = flhetero.context(canvas, view.width, view.height);
    const ink = this.inks();
    const { rows, columns } = flhetero.matrixShape.inView(shape, view);
    const dots = [false, true].map((isSelected) => this.dot(ink, isSelected));
    context.save();
    this.clip(context, shape.side - 1, shape.head - 1, view.width, view.height);
    for (let row = rows[0]; row <= rows[1]; row += 1) {
      for (let column = columns[0]; column <= columns[1]; column += 1) {
        this.cell(context, state, ink, dots, row, column);
      }
    }
    if (state.box) this.box(context, state.box, ink);
    context.restore();
    this.heads(context, state, ink, rows, columns);
    return (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1);
  },

  clip(context, left, top, right, bottom) {
    context.beginPath();
    context.rect(left, top, right - left, bottom - top);
    context.clip();
  },

  cell(context, state, ink, dots, row, column) {
    const { data, shape, view } = state;
    const cell = state.cells.get(row * data.truths.length + column);
    const [x, y] = flhetero.matrixShape.corner(shape, row, column);
    const left = x - view.left, top = y - view.top;
    const { width, height } = shape;
    const isChosen =
      data.chosen && data.truths[column] === data.chosen[0] && data.outputs[row] === data.chosen[1];
    context.globalAlpha = cell ? 1 : 0.3;
    this.background(context, state, ink, column, left, top);
    context.globalAlpha = cell ? 1 : 0.6;
    context.lineWidth = isChosen ? 2 : 1;
    context.strokeStyle = isChosen ? ink.inconsistent : ink.line;
    context.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
    context.globalAlpha = 1;
    const isNear = state.near && state.near.row === row && state.near.column === column;
    if (cell || isNear) {
      context.save();
      this.clip(context, left + 1, top + 1, left + width - 1, top + height - 1);
      const place = (at) => flhetero.matrix.pixel(state.window, shape, left, top, at);
      if (cell) this.records(context, data, ink, dots, cell, place);
      if (isNear) this.neighbours(context, ink, state.near, place, shape);
      if (cell) flhetero.matrixLink.rings(context, state, ink, row, column, place);
      context.restore();
    }
    if (cell) this.numbers(context, ink, cell, left, top, width);
    if (state.focused && state.active.row === row && state.active.column === column) {
      context.setLineDash([4, 2]);
      context.lineWidth = 2;
      context.strokeStyle = ink.text;
      context.strokeRect(left, top, width, height);
      context.setLineDash([]);
    }
  },

  MOST_DOTS: 2, // of one kind on one pixel: more are not seen, but would take their time

  records(context, data, ink, dots, cell, place) {
    if (!data.points && cell.hull.length > 2) {
      context.strokeStyle = context.fillStyle = ink.inconsistent;
      context.lineWidth = 1;
      context.beginPath();
      cell.hull.forEach((point) => context.lineTo(...place(point)));
      context.closePath();
      context.globalAlpha = 0.3;
      context.fill();
      context.globalAlpha = 1;
      context.stroke();
      return;
    }
    // The selected ones last: they are never covered by others.
    const stamped = new Map();
    for (let at = cell.records.length - 1; at >= 0; at -= 1) {
      const [x, y] = place(cell.places[at]);
      const kind = at < cell.n_selected ? 1 : 0;
      const pixel = (Math.round(y) * 8192 + Math.round(x)) * 2 + kind;
      const count = stamped.get(pixel) || 0;
      if (count >= this.MOST_DOTS) continue;
      stamped.set(pixel, count + 1);
      context.drawImage(dots[kind], x - 4, y - 4, 8, 8);
    }
  },

  // One dot as a small picture: stamping it is many times faster than drawing circles.
  dot(ink, isSelected) {
    const ratio = window.devicePixelRatio || 1;
    const [canvas, context] = flhetero.sprite(Math.round(8 * ratio), Math.round(8 * ratio));
    context.scale(ratio, ratio);
    context.fillStyle = ink.inconsistent;
    context.globalAlpha = isSelected ? 1 : 0.55;
    context.beginPath();
    context.arc(4, 4, isSelected ? 2.8 : 2.2, 0, 2 * Math.PI);
    context.fill();
    if (isSelected) {
      context.lineWidth = 1;
      context.strokeStyle = ink.text;
      context.stroke();
    }
    return canvas;
  },

  // The chosen record, and lines to those nearest to it by their attributes.
  neighbours(context, ink, near, place, shape) {
    const [x, y] = place(near.place);
    const side = shape.width < 60 ? 2.2 : 3.6;
    near.near.forEach((one, at) => {
      const [left, top] = place(one.place);
      context.strokeStyle = one.inconsistent ? ink.inconsistent : ink.total;
      context.lineWidth = 1;
      context.globalAlpha = 0.45;
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(left, top);
      context.stroke();
      context.globalAlpha = 1;
      context.lineWidth = 1.4;
      this.mark(context, one.inconsistent, left, top, side);
      if (shape.width < 150) return;
      context.font = "9px " + ink.font;
      context.textAlign = "left";
      context.textBaseline = "middle";
      context.fillStyle = ink.text;
      context.fillText(at + 1, left + side + 2, top);
    });
    context.lineWidth = 2;
    context.strokeStyle = ink.text;
    context.beginPath();
    context.arc(x, y, 5.5, 0, 2 * Math.PI);
    context.stroke();
  },

  // Inconsistent ones are diamonds, as in the overview; the others squares.
  mark(context, isInconsistent, left, top, side) {
    if (!isInconsistent) return context.strokeRect(left - side, top - side, 2 * side, 2 * side);
    const far = side * 1.35;
    context.beginPath();
    context.moveTo(left, top - far);
    context.lineTo(left + far, top);
    context.lineTo(left, top + far);
    context.lineTo(left - far, top);
    context.closePath();
    context.stroke();
  },

  numbers(context, ink, cell, left, top, width) {
    const isSmall = width < 60;
    context.font = (isSmall ? "600 9.5px " : "600 11px ") + ink.font;
    context.textAlign = "left";
    context.textBaseline = "top";
    const text = [cell.n_selected, cell.records.length].join(isSmall ? "/" : " / ");
    const wide = Math.min(context.measureText(text).width, width - 6);
    context.fillStyle = ink.panel;
    context.globalAlpha = 0.85;
    context.fillRect(left + 1, top + 1, wide + 4, isSmall ? 11 : 14);
    context.globalAlpha = 1;
    context.fillStyle = ink.text;
    context.fillText(text, left + 3, top + 2, wide);
  },

  box(context, { from, to }, ink) {
    context.lineWidth = 1;
    context.strokeStyle = ink.text;
    context.setLineDash([3, 3]);
    context.strokeRect(from[0], from[1], to[0] - from[0], to[1] - from[1]);
    context.setLineDash([]);
  },

  // Squares of a column's label: a small picture, made when the column is first in view.
  background(context, state, ink, column, left, top) {
    if (!state.backgrounds.has(column)) {
      state.backgrounds.set(column, this.squares(state.data, column, ink));
    }
    const picture = state.backgrounds.get(column);
    const { window: w, shape } = state;
    const side = picture.width;
    // Enlarged squares keep sharp borders; shrunken ones are blended, or some would vanish.
    context.imageSmoothingEnabled = w.width * side > shape.width;
    context.drawImage(
      picture,
      w.left * side, (1 - w.bottom - w.height) * side, w.width * side, w.height * side,
      left, top, shape.width, shape.height,
    );
  },

  squares(data, column, ink) {
    const n = data.n_squares;
    const [small, context] = flhetero.sprite(n, n);
    const image = context.createImageData(n, n);
    const parts = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    const ground = parts(ink.raised), full = parts(ink.gained);
    data.levels[column].forEach((level, at) => {
      if (level < 0) return;
      // Rows of the plane go up, those of a picture down.
      const pixel = 4 * ((n - 1 - Math.floor(at / n)) * n + (at % n));
      const weight = (0.8 * level) / 100;
      const mixed = ground.map((part, c) => Math.round(part + weight * (full[c] - part)));
      image.data.set([...mixed, 255], pixel);
    });
    context.putImageData(image, 0, 0);
    const times = Math.ceil(120 / n);
    const [large, enlarged] = flhetero.sprite(n * times, n * times);
    enlarged.imageSmoothingEnabled = false;
    enlarged.drawImage(small, 0, 0, n * times, n * times);
    return large;
  },

  // Heads stay where they are while the cells scroll below them.
  heads(context, state, ink, rows, columns) {
    const { shape, view, data } = state;
    context.font = "11px " + ink.font;
    context.textBaseline = "middle";
    context.fillStyle = ink.text;
    context.save();
    this.clip(context, shape.side, 0, view.width, shape.head);
    for (let column = columns[0]; column <= columns[1]; column += 1) {
      const [left] = flhetero.matrixShape.corner(shape, 0, column);
      const middle = left - view.left + shape.width / 2;
      this.head(context, shape, shape.columns[column], middle);
    }
    context.restore();
    context.save();
    this.clip(context, 0, shape.head, shape.side, view.height);
    context.textAlign = "right";
    for (let row = rows[0]; row <= rows[1]; row += 1) {
      const [, top] = flhetero.matrixShape.corner(shape, row, 0);
      const name = this.shortened(context, shape.rows[row], shape.side - 12);
      context.fillText(name, shape.side - 8, top - view.top + shape.height / 2);
    }
    context.restore();
    context.fillStyle = ink.muted;
    context.font = "10px " + ink.font;
    context.textAlign = "right";
    context.fillText("truth →", shape.side - 8, shape.head - 20);
    context.textAlign = "left";
    context.fillText("federated ↓", 0, shape.head - 7);
  },

  head(context, shape, name, middle) {
    if (!shape.isUpright) {
      context.textAlign = "center";
      context.fillText(name, middle, shape.head - 12);
      return;
    }
    context.save();
    context.translate(middle, shape.head - 6);
    context.rotate(-Math.PI / 2);
    context.textAlign = "left";
    context.fillText(this.shortened(context, name, shape.head - 8), 0, 0);
    context.restore();
  },

  shortened(context, name, room) {
    if (context.measureText(name).width <= room) return name;
    let end = name.length;
    while (end > 1 && context.measureText(name.slice(0, end) + "…").width > room) end -= 1;
    return name.slice(0, end) + "…";
  },
};
