/* What is drawn by hand as files: a picture as PNG or SVG, and its data as CSV. Who draws it gives a
   `picture()`, {width, height, paint(context)}, and `rows()`, lines of a table with their head. */
flhetero.drawnFiles = {
  // Put the buttons over a drawing's corner, as charts have them, or above it where every place is
  // to be clicked; before it in the order of Tab.
  attach(target, name, drawing, isAbove) {
    const file = name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
    const bar = flhetero.element("div", { className: isAbove ? "tools above" : "tools" });
    for (const format of ["png", "svg", "csv"]) {
      const label = `Save as ${format.toUpperCase()}`;
      const button = flhetero.element("button", { type: "button", textContent: format, title: label });
      button.setAttribute("aria-label", `${label}: ${name}`);
      button.addEventListener("click", () => this.save(format, file, drawing));
      bar.append(button);
    }
    const place = () => {
      const { offsetTop, offsetLeft, offsetWidth, offsetParent } = target;
      bar.hidden = !offsetParent;
      if (!offsetParent) return;
      bar.style.top = `${offsetTop}px`;
      bar.style.right = `${offsetParent.clientWidth - offsetLeft - offsetWidth}px`;
    };
    target.classList.add("drawn");
    target.before(bar);
    target.addEventListener("pointerenter", place);
    bar.addEventListener("focusin", place);
    new ResizeObserver(place).observe(target);
  },

  save(format, file, drawing) {
    const picture = drawing.picture();
    if (!picture) return;
    if (format === "csv") {
      const table = new Blob([flhetero.tools.table(drawing.rows())], { type: "text/csv" });
      flhetero.tools.download(`${file}.csv`, table);
    } else if (format === "svg") {
      const blob = new Blob([this.svg(picture)], { type: "image/svg+xml" });
      flhetero.tools.download(`${file}.svg`, blob);
    } else {
      const canvas = this.drawn(picture, 2);
      canvas.toBlob((blob) => flhetero.tools.download(`${file}.png`, blob));
    }
  },

  drawn({ width, height, paint }, scale) {
    const size = { width: Math.ceil(width * scale), height: Math.ceil(height * scale) };
    const canvas = flhetero.element("canvas", size);
    const context = canvas.getContext("2d");
    context.scale(scale, scale);
    context.fillStyle = flhetero.colour("panel");
    context.fillRect(0, 0, width, height);
    paint(context);
    return canvas;
  },

  svg({ width, height, paint }) {
    const context = new flhetero.SvgContext();
    context.fillStyle = flhetero.colour("panel");
    context.fillRect(0, 0, width, height);
    paint(context);
    const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
    return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>\n${context.parts.join("\n")}\n</svg>\n`;
  },
};

/* As much of a canvas's context as our drawings use, that writes SVG instead. */
flhetero.SvgContext = class {
  constructor() {
    const plain = { fillStyle: "#000", strokeStyle: "#000", lineWidth: 1, globalAlpha: 1 };
    Object.assign(this, plain, { font: "10px sans-serif", textAlign: "left", textBaseline: "alphabetic" });
    Object.assign(this, { parts: [], path: "", dash: [], x: 0, y: 0, kept: [] });
    this.measure = document.createElement("canvas").getContext("2d");
  }

  save() { this.kept.push({ ...this, parts: null, kept: null, path: null, measure: null }); }

  restore() {
    const { parts, kept, path, measure, ...before } = this.kept.pop();
    Object.assign(this, before);
  }

  translate(x, y) { this.x += x; this.y += y; }

  setLineDash(dash) { this.dash = dash; }

  beginPath() { this.path = ""; }

  at(x, y) { return `${this.number(x + this.x)} ${this.number(y + this.y)}`; }

  number(value) { return Number(value.toFixed(2)); }

  moveTo(x, y) { this.path += `M${this.at(x, y)}`; }

  lineTo(x, y) { this.path += `${this.path ? "L" : "M"}${this.at(x, y)}`; }

  closePath() { this.path += "Z"; }

  // Whole circles only.
  arc(x, y, radius) {
    const half = (end) => `A${radius} ${radius} 0 1 1 ${this.at(end, y)}`;
    this.path += `M${this.at(x + radius, y)}${half(x - radius)}${half(x + radius)}Z`;
  }

  made(name, properties, content) {
    // XML knows no control characters, not even written as numbers.
    const text = (value) => String(value).replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "")
      .replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
    const alpha = this.globalAlpha < 1 ? { opacity: this.globalAlpha } : {};
    const written = Object.entries({ ...properties, ...alpha })
      .map(([key, value]) => ` ${key}="${text(value)}"`).join("");
    this.parts.push(`<${name}${written}${content ? `>${text(content)}</${name}>` : "/>"}`);
  }

  lined() {
    const dash = this.dash.length ? { "stroke-dasharray": this.dash.join(" ") } : {};
    return { fill: "none", stroke: this.strokeStyle, "stroke-width": this.lineWidth, ...dash };
  }

  box(x, y, width, height) {
    const place = { x: this.number(x + this.x), y: this.number(y + this.y) };
    return { ...place, width: this.number(width), height: this.number(height) };
  }

  fill() { this.made("path", { d: this.path, fill: this.fillStyle }); }

  stroke() { this.made("path", { d: this.path, ...this.lined() }); }

  fillRect(...box) { this.made("rect", { ...this.box(...box), fill: this.fillStyle }); }

  strokeRect(...box) { this.made("rect", { ...this.box(...box), ...this.lined() }); }

  drawImage(canvas, ...box) {
    this.made("image", { ...this.box(...box), preserveAspectRatio: "none", href: canvas.toDataURL() });
  }

  measureText(words) {
    this.measure.font = this.font;
    return this.measure.measureText(words);
  }

  fillText(words, x, y, most) {
    const anchor = { left: "start", center: "middle", right: "end" }[this.textAlign];
    const baseline = { middle: "central", bottom: "text-after-edge" }[this.textBaseline];
    const room = most && this.measureText(words).width > most
      ? { textLength: this.number(most), lengthAdjust: "spacingAndGlyphs" } : {};
    this.made("text", {
      x: this.number(x + this.x), y: this.number(y + this.y), fill: this.fillStyle,
      style: `font: ${this.font}`, "text-anchor": anchor,
      ...(baseline ? { "dominant-baseline": baseline } : {}), ...room,
    }, words);
  }
};
