/* The mark of the selected round on charts that are drawn once for all rounds: a line with a label
   over rounds, or a ring around a point of a path. */
flhetero.roundMark = {
  // The part of the layout that is named so, and its place among the others.
  part(plot, parts) {
    return (plot.layout[parts] || []).findIndex((one) => one.name === "round");
  },

  show(graphId, chosen) {
    const graph = document.getElementById(graphId);
    const plot = graph && graph.querySelector(".js-plotly-plot");
    if (!graph) return; // another page
    if (!plot || !plot._fullData) {
      // The plot is still being made.
      window.clearTimeout(this.later);
      this.later = window.setTimeout(() => this.show(graphId, chosen), 60);
      return;
    }
    const round = chosen && chosen.round ? Number(chosen.round) : null;
    const mark = this.part(plot, "shapes");
    if (mark < 0 || round === null) return;
    if (plot.layout.shapes[mark].type === "circle") this.ring(plot, mark, round);
    else this.line(plot, mark, round);
    graph.dataset.round = round;
  },

  // Not by Plotly.relayout, of which Dash is told: that costs as much as a callback.
  change(plot, shape, changes, label, words) {
    const changed = (parts, place, news) =>
      (parts || []).map((part, at) => (at === place ? { ...part, ...news } : part));
    window.Plotly.react(plot, plot.data, {
      ...plot.layout,
      shapes: changed(plot.layout.shapes, shape, changes),
      annotations: changed(plot.layout.annotations, label, words),
    });
  },

  ring(plot, mark, round) {
    const path = plot._fullData.find((trace) => trace.name === "server");
    const at = path ? path.customdata.findIndex((row) => row[0] === round) : -1;
    const visible = at >= 0 && Number.isFinite(path.x[at]);
    this.change(plot, mark, visible ? { visible, xanchor: path.x[at], yanchor: path.y[at] } : { visible });
  },

  // `last` is the end of the axis, where the label has no room to the right of the line.
  line(plot, mark, round, last) {
    const [first, end] = plot._fullLayout.xaxis.range;
    const most = last ?? Math.floor(end);
    const visible = round >= first && round <= end;
    const xanchor = round === most && most > 1 ? "right" : "center";
    this.change(
      plot, mark, { visible, x0: round, x1: round },
      this.part(plot, "annotations"), { visible, x: round, text: `round ${round}`, xanchor },
    );
  },
};
