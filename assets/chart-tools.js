/* Buttons on a chart: zoom, all, and what it shows as PNG, SVG or CSV. They are made here and not
   by Dash, of whose components a page can have only so many. */
flhetero.tools = {
  // What stands first in the chart's description.
  name(chart) {
    return (chart.getAttribute("aria-label") || "chart").split(/[:;]/)[0];
  },

  file(chart) {
    return this.name(chart).toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60);
  },

  plot(chart) {
    const plot = chart.querySelector(".js-plotly-plot");
    return plot && plot._fullLayout ? plot : null;
  },

  add(chart) {
    chart.dataset.tools = "";
    const button = (sign, label, action) => {
      const made = flhetero.element("button", { type: "button", textContent: sign, title: label });
      made.setAttribute("aria-label", `${label}: ${this.name(chart)}`);
      made.addEventListener("click", action);
      return made;
    };
    const bar = flhetero.element("div", { className: "tools" });
    if (chart.dataset.zoom !== undefined) {
      bar.append(
        button("+", "Zoom in", () => this.zoom(chart, 0.7)),
        button("−", "Zoom out", () => this.zoom(chart, 1 / 0.7)),
        button("⤢", "Show all", () => this.zoom(chart, null)),
      );
      bar.addEventListener("keydown", (event) => this.press(chart, event));
    }
    for (const format of ["png", "svg", "csv"]) {
      bar.append(button(format, `Save as ${format.toUpperCase()}`, () => this.save(chart, format)));
    }
    chart.append(bar);
  },

  // A zoom outlives every new figure that shows the same plane: its figure names it.
  watch(chart, plot) {
    const ranges = () => Object.fromEntries(this.axes(plot).map((name) =>
      [`${name}.range`, [...plot._fullLayout[name].range]]));
    const plane = () => (plot._fullLayout.meta || {}).plane;
    let kept = null, data = plot.data;
    plot.on("plotly_relayout", (changes) => {
      if (!changes || !Object.keys(changes).some((key) => /^[xy]axis/.test(key))) return;
      const whole = Object.keys(changes).some((key) => key.endsWith(".autorange"));
      kept = whole || !plane() ? null : { plane: plane(), ranges: ranges() };
    });
    plot.on("plotly_afterplot", () => {
      if (plot.data === data) return;
      data = plot.data;
      if (!kept) return;
      if (kept.plane !== plane()) { kept = null; return; }
      if (JSON.stringify(ranges()) !== JSON.stringify(kept.ranges)) {
        window.Plotly.relayout(plot, structuredClone(kept.ranges));
      }
    });
  },

  axes(plot) {
    return Object.keys(plot._fullLayout).filter((key) =>
      /^[xy]axis[0-9]*$/.test(key) && !plot._fullLayout[key].fixedrange);
  },

  zoom(chart, factor) {
    const plot = this.plot(chart);
    if (!plot) return;
    const changes = {};
    for (const name of this.axes(plot)) {
      const axis = plot._fullLayout[name];
      if (factor === null) {
        changes[`${name}.autorange`] = true;
      } else {
        const [first, last] = axis.range, middle = (first + last) / 2;
        changes[`${name}.range`] = [first, last].map((end) => middle + (end - middle) * factor);
      }
    }
    window.Plotly.relayout(plot, changes);
  },

  PANS: { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] },

  // What dragging does for a pointer: on the buttons, the arrow keys move what is shown.
  press(chart, event) {
    const plot = this.plot(chart), pan = this.PANS[event.key];
    if (!plot || !pan || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const changes = {};
    for (const name of this.axes(plot)) {
      const [first, last] = plot._fullLayout[name].range;
      const by = (last - first) * 0.2 * pan[name[0] === "x" ? 0 : 1];
      changes[`${name}.range`] = [first + by, last + by];
    }
    window.Plotly.relayout(plot, changes);
  },

  save(chart, format) {
    const plot = this.plot(chart);
    if (!plot) return;
    const name = this.file(chart);
    if (format === "csv") {
      this.download(`${name}.csv`, new Blob([this.csv(plot)], { type: "text/csv" }));
      return;
    }
    const { width, height } = plot._fullLayout;
    window.Plotly.downloadImage(plot, { format, filename: name, width, height, scale: format === "png" ? 2 : 1 });
  },

  download(name, blob) {
    const link = flhetero.element("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  },

  // One line a point, or a cell of a map; what a spreadsheet would run as a formula stays text.
  csv(plot) {
    const lines = [["series", "x", "y", "value"]];
    for (const trace of plot._fullData) {
      if (trace.visible === false) continue;
      if (trace.z) {
        trace.z.forEach((row, y) => Array.from(row).forEach((z, x) =>
          lines.push([trace.name, trace.x ? trace.x[x] : x, trace.y ? trace.y[y] : y, z])));
      } else {
        Array.from(trace.x || []).forEach((x, at) => lines.push([trace.name, x, trace.y[at], ""]));
      }
    }
    return this.table(lines);
  },

  table(lines) {
    const cell = (value) => {
      const text = value === null || value === undefined ? "" : String(value);
      const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
      return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
    };
    return lines.map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
  },
};

for (const panel of ["Learning Process Monitor", "Output Comparison"]) {
  flhetero.keys(panel, "on the chart's buttons +, − and ⤢", [
    [["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"], "move what the chart shows"],
  ]);
}

new MutationObserver(() => {
  document.querySelectorAll(".chart:not([data-tools])").forEach((chart) => flhetero.tools.add(chart));
  document.querySelectorAll(".chart[data-zoom]").forEach((chart) => {
    const plot = flhetero.tools.plot(chart);
    if (!plot || plot.flheteroWatched || !plot.on) return;
    plot.flheteroWatched = true;
    flhetero.tools.watch(chart, plot);
  });
}).observe(document.documentElement, { childList: true, subtree: true });
