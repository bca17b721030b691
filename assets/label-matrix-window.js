/* The window into the plane that all cells of the label matrix show; the whole plane is 0 to 1. */
flhetero.matrixWindow = {
  WHOLE: { left: 0, bottom: 0, width: 1, height: 1 },
  NARROWEST: 1 / 64,
  STEP: 1.5,

  isWhole(window) {
    return window.width >= 1 && window.height >= 1;
  },

  // Within the plane, and not too narrow to see anything.
  within({ left, bottom, width, height }) {
    const w = Math.min(1, Math.max(this.NARROWEST, width));
    const h = Math.min(1, Math.max(this.NARROWEST, height));
    return {
      left: Math.min(1 - w, Math.max(0, left)),
      bottom: Math.min(1 - h, Math.max(0, bottom)),
      width: w,
      height: h,
    };
  },

  // Around a place that keeps its share of the window: what is under the pointer stays there.
  zoomed(window, factor, [x, y]) {
    return this.within({
      left: x - (x - window.left) / factor,
      bottom: y - (y - window.bottom) / factor,
      width: window.width / factor,
      height: window.height / factor,
    });
  },

  // Around a place that becomes the middle.
  centred(window, factor, [x, y]) {
    const width = window.width / factor, height = window.height / factor;
    return this.within({ left: x - width / 2, bottom: y - height / 2, width, height });
  },

  moved(window, [right, up]) {
    return this.within({
      ...window,
      left: window.left + right * window.width,
      bottom: window.bottom + up * window.height,
    });
  },

  between([x0, y0], [x1, y1]) {
    return this.within({
      left: Math.min(x0, x1),
      bottom: Math.min(y0, y1),
      width: Math.abs(x1 - x0),
      height: Math.abs(y1 - y0),
    });
  },

  holds(window, [x, y]) {
    return (
      x >= window.left && x <= window.left + window.width &&
      y >= window.bottom && y <= window.bottom + window.height
    );
  },

  factor(window) {
    return 1 / Math.sqrt(window.width * window.height);
  },
};
