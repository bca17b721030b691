/* Choosing the attribute of the distribution: by name, the one beside, or the automatic one; and its
   mark on the weights, which are drawn once for all attributes. */
flhetero.attributes = {
  WEIGHTS: "contrast-maps",
  names: [],

  // The list filters all its names whenever it is drawn, open or not: thousands of them would cost
  // more than all else on the page. So it has them only while it is used.
  reflect(control, shown, names) {
    this.control = control;
    this.names = names || [];
    this.shown = shown;
    this.offer(document.activeElement && document.activeElement.id === control);
    this.mark();
  },

  offer(isUsed) {
    const shown = this.shown;
    const own = shown ? [{ value: String(shown.attribute), label: shown.name }] : [];
    const all = () => this.names.map((label, at) => ({ value: String(at), label }));
    dash_clientside.set_props(this.control, {
      data: isUsed && this.names.length ? all() : own,
      value: shown ? String(shown.attribute) : null,
    });
  },

  mark() {
    const graph = document.getElementById(this.WEIGHTS);
    const plot = graph && graph.querySelector(".js-plotly-plot");
    window.clearTimeout(this.later);
    if (!plot || !plot._fullData || !plot.on) {
      // The plot is still being made.
      this.later = window.setTimeout(() => this.mark(), 60);
      return;
    }
    if (plot !== this.plot) {
      this.plot = plot;
      plot.on("plotly_afterplot", () => this.mark());
    }
    const chosen = this.shown ? this.shown.attribute : -1;
    const { map, bars } = plot.layout.meta || {};
    this.markPixel(plot, map ? chosen - map.first : -1, map || { width: 0, height: 0 });
    if (bars) this.markBar(plot, chosen);
    graph.dataset.attribute = chosen;
  },

  // In both maps, above them: Plotly would take 15 ms to draw them with a mark. An attribute of
  // another colour channel has no place there.
  markPixel(plot, place, { height, width }) {
    const isThere = place >= 0 && place < height * width;
    [["xaxis", "yaxis"], ["xaxis2", "yaxis2"]].forEach(([horizontal, vertical], at) => {
      const x = plot._fullLayout[horizontal], y = plot._fullLayout[vertical];
      const mark = plot.querySelectorAll(":scope > .attribute-mark")[at]
        || plot.appendChild(flhetero.element("span", { className: "attribute-mark" }));
      mark.hidden = !isThere;
      if (!isThere) return;
      mark.style.left = `${x._offset + x.l2p(place % width)}px`;
      mark.style.top = `${y._offset + y.l2p(Math.floor(place / width))}px`;
    });
  },

  // Its bars have an outline and its name is bold, where it is among those of the largest weights.
  markBar(plot, chosen) {
    const attributes = Array.from(plot.data[0].customdata);
    const names = plot.layout.yaxis.ticktext.map((name, at) => {
      const plain = name.replace(/^<b>(.*)<\/b>$/, "$1");
      return attributes[at] === chosen ? `<b>${plain}</b>` : plain;
    });
    // It calls this again when it is drawn.
    if (names.every((name, at) => name === plot.layout.yaxis.ticktext[at])) return;
    const widths = attributes.map((one) => (one === chosen ? 2 : 0));
    window.Plotly.update(plot, { "marker.line.width": [widths] }, { "yaxis.ticktext": names });
  },

  // The list shows what is drawn, so only another value than that is a choice.
  choose(intent, value, shown) {
    if (!shown || value === null || value === undefined || Number(value) === shown.attribute) return;
    flhetero.propose(intent, { attribute: String(value) });
  },

  step(intent, shown, step) {
    if (!shown) return;
    const next = shown.attribute + step;
    if (next >= 0 && next < shown.count) flhetero.propose(intent, { attribute: String(next) });
  },

  automatic(intent, shown) {
    if (shown && !shown.automatic) flhetero.propose(intent, { attribute: null });
  },
};

document.addEventListener("focusin", (event) => {
  const { attributes } = flhetero;
  if (attributes.control && event.target.id === attributes.control) attributes.offer(true);
});
document.addEventListener("focusout", (event) => {
  const { attributes } = flhetero;
  if (attributes.control && event.target.id === attributes.control) attributes.offer(false);
});
