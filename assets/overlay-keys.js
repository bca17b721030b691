/* Selecting in the overview without a pointer: a cross that the arrow keys move. */
flhetero.overlayKeys = {
  STEPS: { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] },

  press(overlay, plot, event) {
    if (this.STEPS[event.key]) this.move(overlay, plot, event);
    else if (event.key === " " && overlay.cross) overlay.corner = overlay.cross;
    else if (event.key === "Enter" && overlay.cross) this.choose(overlay, plot);
    else if (event.key === "Escape") {
      if (!overlay.cross && !overlay.path.length) overlay.choose("move");
      overlay.cancel(plot);
      overlay.leave();
    } else return;
    event.preventDefault();
    event.stopPropagation();
    overlay.draw(plot);
  },

  // The cross stays within the plot, and what is under it is shown as under a pointer.
  move(overlay, plot, event) {
    const { xaxis: x, yaxis: y } = plot._fullLayout;
    const far = event.shiftKey ? 40 : 8;
    const from = overlay.cross || [x._offset + x._length / 2, y._offset + y._length / 2];
    const [right, down] = this.STEPS[event.key];
    const within = (value, axis) =>
      Math.max(axis._offset, Math.min(axis._offset + axis._length, value));
    overlay.cross = [within(from[0] + far * right, x), within(from[1] + far * down, y)];
    const record = overlay.nearest(plot, overlay.cross);
    flhetero.link.set({ hovered: record });
    if (record === null) return flhetero.tip.hide();
    const box = overlay.canvas(plot).getBoundingClientRect();
    flhetero.tip.show(record, box.left + overlay.cross[0], box.top + overlay.cross[1]);
  },

  choose(overlay, plot) {
    if (overlay.corner) return overlay.select(plot, overlay.outline());
    const record = overlay.nearest(plot, overlay.cross);
    if (record !== null) overlay.verify(record);
  },
};

flhetero.keys("Output Comparison", "in the plot, after “Select with a lasso” or “Select with a box”", [
  [["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"], "move the cross; with Shift in larger steps"],
  [["Enter"], "verify the record that is circled beside the cross"],
  [[" "], "set the first corner of a box at the cross"],
  [["Enter"], "after a corner: select the records in the box"],
  [["Escape"], "take the corner back; once more: stop selecting"],
]);
