/* The timeline's marker: dragged, clicked or moved by keys; only where it is let go is computed. */
flhetero.timeline = {
  NEAR: { mouse: 7, pen: 10, touch: 22 }, // CSS pixels
  CLICK: 5,
  round: null, // of the marker
  chosen: null,
  most: 0,

  // The chosen round, which is known before its figure.
  choose(chosen) {
    const round = chosen && chosen.round ? Number(chosen.round) : null;
    // Where the marker is being moved to stays.
    if (round !== this.chosen && !this.held && !(this.start && this.start.isDrag)) this.round = round;
    this.chosen = round;
    this.sync();
  },

  // A figure; moving the marker makes one, too.
  show(chartId, intent, figure) {
    const chart = document.getElementById(chartId);
    const plot = chart && chart.querySelector(".js-plotly-plot");
    const meta = figure && figure.layout && figure.layout.meta;
    this.intent = intent;
    this.most = (meta && meta.rounds) || 0;
    if (!plot) return;
    if (this.plot !== plot || !this.handle.isConnected) this.prepare(chart, plot);
    this.sync();
  },

  prepare(chart, plot) {
    this.plot = plot;
    this.handle = flhetero.element("div", { className: "round-handle", tabIndex: 0 });
    this.handle.setAttribute("role", "slider");
    this.handle.setAttribute("aria-label", "Round on the timeline");
    this.handle.addEventListener("keydown", (event) => {
      flhetero.stepper.press(event, this, () => this.move(), (round) => this.propose(round));
    });
    chart.append(this.handle);
    if (plot.on && !plot.flheteroTimeline) {
      plot.flheteroTimeline = true;
      plot.on("plotly_afterplot", () => this.sync());
    }
    if (chart.flheteroTimeline) return;
    chart.flheteroTimeline = true;
    chart.addEventListener("pointerdown", (event) => this.down(event, chart), true);
    chart.addEventListener("pointermove", (event) => this.start || this.pointed(event, chart), true);
    // Once pressed, Plotly covers the page, and the pointer may leave the chart.
    window.addEventListener("pointermove", (event) => this.start && this.pointed(event, chart), true);
    window.addEventListener("pointerup", (event) => this.up(event, chart), true);
    window.addEventListener("pointercancel", () => this.cancel(chart), true);
    chart.addEventListener("touchstart", (event) => {
      if (this.start && this.start.isDrag) event.preventDefault(); // no scrolling meanwhile
    }, { passive: false, capture: true });
  },

  axis() {
    const layout = this.plot && this.plot._fullLayout;
    const isThere = this.most && this.round !== null && layout && layout.xaxis && layout.xaxis._length;
    return isThere ? layout.xaxis : null;
  },

  // Where a round is, from the chart's left edge.
  left(round) {
    const axis = this.axis();
    return axis._offset + axis.l2p(round);
  },

  // Where the pointer is in the plot, and the round there.
  at(event) {
    const axis = this.axis();
    const box = this.plot.getBoundingClientRect();
    const x = event.clientX - box.x, y = event.clientY - box.y;
    const { _offset: top, _length: height } = this.plot._fullLayout.yaxis;
    const inside = x >= axis._offset && x <= axis._offset + axis._length && y <= top + height;
    const round = Math.round(axis.p2l(x - axis._offset));
    const away = Math.abs(x - this.left(this.round));
    const near = this.NEAR[event.pointerType] || this.NEAR.mouse;
    // The label above the line is a larger handle.
    const isMarker = y <= top + height && away <= (y < top ? 28 : near);
    return { inside, isMarker, round: Math.min(this.most, Math.max(1, round)) };
  },

  down(event, chart) {
    if (!this.axis() || event.button !== 0) return;
    const { inside, isMarker } = this.at(event);
    if (!inside && !isMarker) return;
    this.start = { x: event.clientX, y: event.clientY, isDrag: isMarker, from: this.round };
    this.handle.focus({ preventScroll: true });
    if (!isMarker) return;
    event.preventDefault();
    event.stopPropagation();
    chart.classList.add("dragging");
  },

  pointed(event, chart) {
    if (!this.axis()) return;
    const { isMarker, round } = this.at(event);
    const isDrag = this.start && this.start.isDrag;
    chart.classList.toggle("near-marker", Boolean(isDrag || (isMarker && this.most > 1)));
    if (!isDrag) return;
    event.stopPropagation();
    if (round === this.round) return;
    this.round = round;
    this.move();
  },

  up(event, chart) {
    const start = this.start;
    this.start = null;
    chart.classList.remove("dragging");
    if (!start || !this.axis()) return;
    if (start.isDrag) {
      if (this.round !== start.from) this.propose(this.round, "replace");
      return;
    }
    if (Math.hypot(event.clientX - start.x, event.clientY - start.y) > this.CLICK) return;
    const { round } = this.at(event);
    if (round === this.round) return;
    this.round = round;
    this.move();
    this.propose(round);
  },

  // The browser took the pointer for something else, as scrolling: the marker goes back.
  cancel(chart) {
    const start = this.start;
    this.start = null;
    chart.classList.remove("dragging");
    if (!start || !start.isDrag) return;
    this.round = start.from;
    this.move();
  },

  propose(round, history) {
    flhetero.propose(this.intent, { round: String(round), ...(history ? { history } : {}) });
  },

  // The figure's own line and label, at the round that is being pointed at.
  move() {
    const mark = flhetero.roundMark.part(this.plot, "shapes");
    if (mark < 0) return;
    flhetero.roundMark.line(this.plot, mark, this.round, this.most);
    this.place();
  },

  // The figure may be of a round before, or of one that comes.
  sync() {
    const notes = (this.plot && this.plot.layout.annotations) || [];
    const note = notes.find((one) => one.name === "round");
    if (this.axis() && note && note.x !== this.round) this.move();
    else this.place();
  },

  // The handle, which holds the focus and speaks to assistive technology, is where the line is.
  place() {
    if (!this.handle) return;
    const axis = this.axis();
    this.handle.hidden = !axis;
    if (!axis) return;
    const { _offset: top, _length: height } = this.plot._fullLayout.yaxis;
    this.handle.style.left = `${this.left(this.round)}px`;
    this.handle.style.height = `${top + height}px`;
    this.handle.setAttribute("aria-valuemin", 1);
    this.handle.setAttribute("aria-valuemax", this.most);
    this.handle.setAttribute("aria-valuenow", this.round);
    this.handle.setAttribute("aria-valuetext", `round ${this.round} of ${this.most}`);
  },
};

flhetero.keys("Performance timeline", "on the round's marker", [
  [["ArrowLeft", "ArrowRight"], "round before or after"],
  [["Home", "End"], "first or last round"],
]);
