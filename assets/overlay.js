/* A canvas above the overview: outlines of the selected records, and selecting by hand. The figure
   below stays as it is. */
flhetero.overlay = {
  mode: "move",
  path: [],
  reach: 12, // pixels from a point that still count as on it

  // What is selected, and the record under verification: by default the first of it.
  mark(marked, chosen) {
    if (!marked) return;
    const given = chosen && chosen.record !== undefined ? Number(chosen.record) : null;
    const record = given !== null && given < marked.n_records ? given : marked.records[0];
    flhetero.link.set({ ...marked, record: record === undefined ? null : record });
  },

  show(graphId) {
    const plot = this.plot(graphId);
    if (!plot) {
      // The plot is still being made.
      window.clearTimeout(this.later);
      this.later = window.setTimeout(() => this.show(graphId), 60);
      return;
    }
    if (plot.flheteroOverlay !== true) this.attach(graphId, plot);
    this.draw(plot);
  },

  plot(graphId) {
    const graph = document.getElementById(graphId);
    const plot = graph && graph.querySelector(".js-plotly-plot");
    return plot && plot._fullLayout && plot._fullLayout.xaxis ? plot : null;
  },

  attach(graphId, plot) {
    plot.flheteroOverlay = true;
    this.graphId = graphId;
    const redraw = () => this.draw(plot);
    plot.on("plotly_afterplot", redraw);
    plot.on("plotly_relayouting", redraw);
    plot.on("plotly_hover", (event) => {
      const point = event.points[0];
      const records = this.table(plot).records[point.curveNumber];
      if (!records) return;
      flhetero.link.set({ hovered: records[point.pointNumber] });
      flhetero.tip.show(records[point.pointNumber], event.event.clientX, event.event.clientY);
    });
    plot.on("plotly_click", (event) => {
      const point = event.points[0];
      const record = (this.table(plot).records[point.curveNumber] || [])[point.pointNumber];
      if (record !== undefined) this.verify(record);
    });
    plot.on("plotly_unhover", () => this.leave());
    flhetero.link.on(() => this.draw(plot));
    const canvas = this.canvas(plot);
    canvas.addEventListener("pointerdown", (event) => this.start(plot, event));
    canvas.addEventListener("pointermove", (event) => this.move(plot, event));
    canvas.addEventListener("pointerup", (event) => this.end(plot, event));
    canvas.addEventListener("pointercancel", () => this.cancel(plot));
    canvas.addEventListener("pointerleave", () => this.leave());
    canvas.addEventListener("keydown", (event) =>
      flhetero.overlayKeys.press(this, plot, event));
    canvas.addEventListener("blur", () => this.cancel(plot));
  },

  canvas(plot) {
    let canvas = plot.parentElement.querySelector("canvas.overlay");
    if (!canvas) {
      canvas = flhetero.element("canvas", { className: "overlay" });
      canvas.setAttribute("role", "application");
      canvas.setAttribute(
        "aria-label",
        "Select records: arrow keys move the cross, Enter verifies the record beside it; Space " +
          "sets a corner, then Enter selects the box",
      );
      plot.parentElement.append(canvas);
    }
    return canvas;
  },

  // Where each record is, and which records each trace holds: the traces are the two classes in
  // order, the mask says which record is in which.
  table(plot) {
    if (plot.flheteroTable && plot.flheteroTable.data === plot.data) return plot.flheteroTable;
    const meta = plot._fullLayout.meta || {};
    const bytes = Uint8Array.from(atob(meta.inconsistent || ""), (c) => c.charCodeAt(0));
    const isInconsistent = (record) => Boolean((bytes[record >> 3] >> (7 - (record & 7))) & 1);
    const count = meta.n_records || 0;
    const x = new Float32Array(count).fill(NaN), y = new Float32Array(count).fill(NaN);
    const records = plot._fullData.map((trace) => {
      const wanted = trace.name === "inconsistent";
      const own = [];
      for (let record = 0; record < count; record += 1) {
        if (isInconsistent(record) === wanted) own.push(record);
      }
      own.forEach((record, at) => { x[record] = trace.x[at]; y[record] = trace.y[at]; });
      return own;
    });
    plot.flheteroTable = { data: plot.data, x, y, records, isInconsistent };
    return plot.flheteroTable;
  },

  // The places of all records in pixels of the canvas: x = ax + bx * value, and so for y.
  scales(plot) {
    const { xaxis: x, yaxis: y } = plot._fullLayout;
    const bx = x.l2p(1) - x.l2p(0), by = y.l2p(1) - y.l2p(0);
    return { ax: x._offset + x.l2p(0), bx, ay: y._offset + y.l2p(0), by };
  },

  draw(plot) {
    const layout = plot._fullLayout;
    const canvas = this.canvas(plot);
    canvas.style.width = layout.width + "px";
    canvas.style.height = layout.height + "px";
    canvas.classList.toggle("active", this.mode !== "move");
    canvas.tabIndex = this.mode === "move" ? -1 : 0;
    const context = flhetero.context(canvas, layout.width, layout.height);
    const frame = [layout.xaxis, layout.yaxis];
    if (!frame[0] || !frame[0]._length || !plot._fullData.length) return;
    const { records, record, hovered, noted } = flhetero.link.state;
    const { x, y } = this.table(plot);
    const { ax, bx, ay, by } = this.scales(plot);
    canvas.dataset.marked = records.length;
    context.beginPath();
    context.rect(frame[0]._offset, frame[1]._offset, frame[0]._length, frame[1]._length);
    context.clip();
    context.strokeStyle = flhetero.colour("text");
    const place = (one) => [ax + bx * x[one], ay + by * y[one]];
    canvas.dataset.noted = noted.length;
    flhetero.outlines.draw(context, records, noted, place, this.table(plot).isInconsistent);
    for (const [one, radius, width] of [[record, 8, 2.2], [hovered, 6.5, 1.6]]) {
      if (one === null || one === undefined || !(one < x.length)) continue;
      context.lineWidth = width;
      context.beginPath();
      context.arc(ax + bx * x[one], ay + by * y[one], radius, 0, 2 * Math.PI);
      context.stroke();
    }
    this.drawPath(context);
  },

  drawPath(context) {
    const points = this.outline();
    if (!points.length) return;
    context.lineWidth = 1.5;
    context.setLineDash([4, 3]);
    context.strokeStyle = flhetero.colour("inconsistent");
    context.beginPath();
    points.forEach(([left, top]) => context.lineTo(left, top));
    context.closePath();
    context.stroke();
    context.globalAlpha = 0.08;
    context.fillStyle = flhetero.colour("inconsistent");
    context.fill();
    context.globalAlpha = 1;
    context.setLineDash([]);
    if (!this.cross) return;
    const [left, top] = this.cross;
    context.beginPath();
    context.moveTo(left - 9, top); context.lineTo(left + 9, top);
    context.moveTo(left, top - 9); context.lineTo(left, top + 9);
    context.stroke();
  },

  // The drawn outline: a free one, or the box between its first and last place.
  outline() {
    if (this.mode === "lasso" && !this.cross) return this.path;
    const corners = this.cross ? [this.corner || this.cross, this.cross] : this.path;
    if (!corners.length) return [];
    const [[left, top], [right, bottom]] = [corners[0], corners[corners.length - 1]];
    return [[left, top], [right, top], [right, bottom], [left, bottom]];
  },

  choose(mode) {
    this.mode = mode;
    this.path = [];
    this.cross = this.corner = null;
    this.leave();
    document.querySelectorAll("[data-overlay-mode]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.overlayMode === mode));
    });
    const plot = this.plot(this.graphId);
    if (!plot) return;
    this.draw(plot);
    if (mode !== "move") this.canvas(plot).focus({ preventScroll: true });
  },

  place(plot, event) {
    const box = this.canvas(plot).getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  },

  start(plot, event) {
    if (this.mode === "move" || event.button) return;
    this.cross = this.corner = null;
    this.path = [this.place(plot, event)];
    this.canvas(plot).setPointerCapture(event.pointerId);
    this.canvas(plot).focus({ preventScroll: true });
    flhetero.tip.hide();
  },

  move(plot, event) {
    const here = this.place(plot, event);
    if (this.path.length) {
      const last = this.path[this.path.length - 1];
      if (Math.hypot(here[0] - last[0], here[1] - last[1]) < 2) return;
      this.path.push(here);
      this.draw(plot);
      return;
    }
    const record = this.nearest(plot, here);
    flhetero.link.set({ hovered: record });
    if (record === null) flhetero.tip.hide();
    else flhetero.tip.show(record, event.clientX, event.clientY);
  },

  end(plot, event) {
    if (!this.path.length) return;
    const here = this.place(plot, event);
    if (this.path.length < 3) {
      const record = this.nearest(plot, here);
      this.cancel(plot);
      if (record !== null) this.verify(record);
      return;
    }
    this.select(plot, this.outline());
  },

  verify(record) {
    flhetero.link.set({ record });
    flhetero.propose("frame-intent", { record: String(record) });
  },

  cancel(plot) {
    this.path = [];
    this.cross = this.corner = null;
    this.draw(plot);
  },

  leave() {
    flhetero.link.set({ hovered: null });
    flhetero.tip.hide();
  },

  nearest(plot, [left, top]) {
    const { x, y } = this.table(plot);
    const { ax, bx, ay, by } = this.scales(plot);
    let best = null, least = this.reach ** 2;
    for (let record = 0; record < x.length; record += 1) {
      const far = (ax + bx * x[record] - left) ** 2 + (ay + by * y[record] - top) ** 2;
      if (far < least) { least = far; best = record; }
    }
    return best;
  },

  // Records within an outline: an odd number of its edges lies to the left of them.
  within(plot, outline) {
    const { x, y } = this.table(plot);
    const { ax, bx, ay, by } = this.scales(plot);
    const lefts = outline.map(([left]) => left), tops = outline.map(([, top]) => top);
    const [west, east] = [Math.min(...lefts), Math.max(...lefts)];
    const [north, south] = [Math.min(...tops), Math.max(...tops)];
    const found = [];
    for (let record = 0; record < x.length; record += 1) {
      const left = ax + bx * x[record], top = ay + by * y[record];
      if (!(left >= west && left <= east && top >= north && top <= south)) continue;
      let inside = false;
      for (let i = 0, j = outline.length - 1; i < outline.length; j = i, i += 1) {
        if (tops[i] > top !== tops[j] > top
          && left < ((lefts[j] - lefts[i]) * (top - tops[i])) / (tops[j] - tops[i]) + lefts[i]) {
          inside = !inside;
        }
      }
      if (inside) found.push(record);
    }
    return found;
  },

  select(plot, outline) {
    const records = this.within(plot, outline);
    this.path = [];
    this.cross = this.corner = null;
    const says = document.getElementById("overview-selected");
    if (says) says.textContent = records.length ? "" : "No record lies within that outline.";
    if (!records.length) return this.draw(plot);
    // Seen at once in all panels; the server's answers follow.
    flhetero.link.set({ records, record: records[0] });
    flhetero.propose("frame-intent", { "own-records": this.text(records) });
  },

  // Ascending record numbers, runs as 3-7.
  text(records) {
    const runs = [];
    for (const record of records) {
      const last = runs[runs.length - 1];
      if (last && last[1] === record - 1) last[1] = record;
      else runs.push([record, record]);
    }
    return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
  },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest && event.target.closest("[data-overlay-mode]");
  if (button) flhetero.overlay.choose(button.dataset.overlayMode);
});
