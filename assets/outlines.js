/* Outlines of the selected records. Rings first, then the points anew: where many lie together, one
   outline is around them all, and their class is still seen. */
flhetero.outlines = {
  RING: 4.4,

  draw(context, records, place, isInconsistent) {
    const points = { inconsistent: new Path2D(), consistent: new Path2D() };
    context.lineWidth = 1.6;
    context.beginPath();
    for (const record of records) {
      const [left, top] = place(record);
      context.moveTo(left + this.RING, top);
      context.arc(left, top, this.RING, 0, 2 * Math.PI);
      if (isInconsistent(record)) this.diamond(points.inconsistent, left, top);
      else this.dot(points.consistent, left, top);
    }
    context.stroke();
    for (const [name, path] of Object.entries(points)) {
      context.fillStyle = flhetero.colour(name);
      context.fill(path);
    }
  },

  // The shapes that the classes have in the figure below.
  diamond(path, left, top) {
    path.moveTo(left, top - 4);
    path.lineTo(left + 4, top);
    path.lineTo(left, top + 4);
    path.lineTo(left - 4, top);
    path.closePath();
  },

  dot(path, left, top) {
    path.moveTo(left + 3, top);
    path.arc(left, top, 3, 0, 2 * Math.PI);
  },
};
