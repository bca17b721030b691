/* Outlines of the selected records, on a canvas above a scatter plot: the figure stays as it is. */
flhetero.overlay = {
  marked: {},

  show(graphId, marked) {
    this.marked[graphId] = marked;
    const graph = document.getElementById(graphId);
    const plot = graph && graph.querySelector(".js-plotly-plot");
    if (!plot || !plot._fullLayout) {
      // The plot is still being made.
      window.setTimeout(() => this.marked[graphId] === marked && this.show(graphId, marked), 60);
      return;
    }
    if (plot.flheteroOverlay !== true) {
      plot.flheteroOverlay = true;
      plot.on("plotly_afterplot", () => this.draw(graphId, plot));
      plot.on("plotly_relayouting", () => this.draw(graphId, plot));
    }
    this.draw(graphId, plot);
  },

  draw(graphId, plot) {
    const marked = this.marked[graphId];
    const layout = plot._fullLayout;
    let canvas = plot.parentElement.querySelector("canvas.overlay");
    if (!canvas) {
      canvas = flhetero.element("canvas", { className: "overlay" });
      plot.parentElement.append(canvas);
    }
    canvas.style.width = layout.width + "px";
    canvas.style.height = layout.height + "px";
    const context = flhetero.context(canvas, layout.width, layout.height);
    const x = layout.xaxis, y = layout.yaxis;
    if (!marked || !x || !y || !x._length) return;
    canvas.dataset.marked = marked.points.length;
    context.beginPath();
    context.rect(x._offset, y._offset, x._length, y._length);
    context.clip();
    const place = (point) => [x._offset + x.l2p(point[0]), y._offset + y.l2p(point[1])];
    context.strokeStyle = flhetero.colour("text");
    context.lineWidth = 1;
    for (const point of marked.points) {
      const [left, top] = place(point);
      context.beginPath();
      context.arc(left, top, 4.2, 0, 2 * Math.PI);
      context.stroke();
    }
    if (marked.record) {
      const [left, top] = place(marked.record);
      context.lineWidth = 2.2;
      context.beginPath();
      context.arc(left, top, 8, 0, 2 * Math.PI);
      context.stroke();
    }
  },
};
