/* Heights at which clusters join, the last join first, and the cut; a click cuts elsewhere. */
flhetero.merges = {
  show(canvasId, intent, data) {
    const canvas = document.getElementById(canvasId);
    if (!canvas) return;
    const heights = (data && data.heights) || [];
    canvas.hidden = !heights.length;
    canvas.flheteroData = data;
    if (!heights.length) return;
    canvas.setAttribute(
      "aria-label",
      `Heights at which clusters join, cut into ${data.cut} clusters: `
        + `the last joins are at ${heights.slice(0, 8).join(", ")}. `
        + "A click cuts elsewhere, and so does the field “Number of clusters”",
    );
    if (!canvas.flheteroReady) {
      canvas.flheteroReady = true;
      flhetero.drawnFiles.attach(canvas, "Merge heights", {
        picture: () => this.picture(canvas), rows: () => this.rows(canvas.flheteroData),
      });
      canvas.addEventListener("click", (event) => {
        flhetero.propose(intent, { k: String(this.place(canvas, event) + 2) });
      });
      canvas.addEventListener("mousemove", (event) => {
        const at = this.place(canvas, event);
        const height = canvas.flheteroData.heights[at].toLocaleString("en");
        canvas.title = `${at + 2} clusters join to ${at + 1} at ${height}; click for ${at + 2} clusters`;
      });
      new ResizeObserver(() => this.draw(canvas)).observe(canvas);
      new MutationObserver(() => this.draw(canvas))
        .observe(document.documentElement, { attributeFilter: ["data-mantine-color-scheme"] });
    }
    this.draw(canvas);
  },

  place(canvas, event) {
    const box = canvas.getBoundingClientRect();
    const count = canvas.flheteroData.heights.length;
    const at = Math.floor(((event.clientX - box.left) / box.width) * count);
    return Math.max(0, Math.min(count - 1, at));
  },

  picture(canvas) {
    const { heights } = canvas.flheteroData || {};
    const { width, height } = canvas.getBoundingClientRect();
    if (!width || !heights || !heights.length) return null;
    return { width, height, paint: (context) => this.paint(context, width, height, canvas.flheteroData) };
  },

  // Joins above the cut are not made.
  rows({ heights, cut }) {
    return [["from clusters", "to clusters", "height", "joined"],
      ...heights.map((height, at) => [at + 2, at + 1, height, at < cut - 1 ? "no" : "yes"])];
  },

  draw(canvas) {
    const picture = this.picture(canvas);
    if (picture) picture.paint(flhetero.context(canvas, picture.width, picture.height));
  },

  paint(context, width, height, { heights, cut }) {
    const step = width / heights.length;
    const most = Math.max(...heights) || 1;
    heights.forEach((value, at) => {
      const tall = Math.max(1, (value / most) * (height - 2));
      context.fillStyle = flhetero.colour(at < cut - 1 ? "inconsistent" : "consistent");
      context.fillRect(at * step + 0.5, height - tall, Math.max(1, step - 1.5), tall);
    });
    const left = (cut - 1) * step;
    context.strokeStyle = flhetero.colour("text");
    context.setLineDash([3, 2]);
    context.beginPath();
    context.moveTo(left, 0);
    context.lineTo(left, height);
    context.stroke();
    context.fillStyle = flhetero.colour("muted");
    context.font = "10px " + getComputedStyle(document.body).fontFamily;
    const words = `merge heights, cut into ${cut}`;
    const room = context.measureText(words).width;
    context.fillText(words, Math.min(left + 4, width - room - 2), 9);
  },
};
