/* Outlines of the selected records. Rings first, then the points anew: where many lie together, one
   outline is around them all, and their class is still seen. */
flhetero.outlines = {
  SIDE: 12, // of a stamp, in CSS pixels

  // Framed: what the note that is open, or pointed at, was written on.
  draw(context, records, noted, place, isInconsistent) {
    const [ring, diamond, dot, frame] = this.stamps();
    const half = this.SIDE / 2;
    const stamp = (picture, [left, top]) =>
      context.drawImage(picture, left - half, top - half, this.SIDE, this.SIDE);
    const placed = (ones) => ones.map((one) => [one, place(one)]);
    const [framed, selected] = [placed(noted), placed(records)];
    framed.forEach(([, at]) => stamp(frame, at));
    selected.forEach(([, at]) => stamp(ring, at));
    for (const [one, at] of [...framed, ...selected]) stamp(isInconsistent(one) ? diamond : dot, at);
  },

  // Small pictures, made once for a theme: a path of thousands of shapes takes ten times as long.
  stamps() {
    const ratio = window.devicePixelRatio || 1;
    const [text, inconsistent, consistent] =
      ["text", "inconsistent", "consistent"].map((name) => flhetero.colour(name));
    const key = [ratio, text, inconsistent, consistent].join();
    if (this.key !== key) {
      this.key = key;
      this.made = [
        this.stamp(ratio, (context) => {
          context.strokeStyle = text;
          context.lineWidth = 1.6;
          context.arc(0, 0, 4.4, 0, 2 * Math.PI);
          context.stroke();
        }),
        // The shapes that the classes have in the figure below.
        this.stamp(ratio, (context) => {
          context.fillStyle = inconsistent;
          for (const corner of [[0, -4], [4, 0], [0, 4], [-4, 0]]) context.lineTo(...corner);
          context.fill();
        }),
        this.stamp(ratio, (context) => {
          context.fillStyle = consistent;
          context.arc(0, 0, 3, 0, 2 * Math.PI);
          context.fill();
        }),
        this.stamp(ratio, (context) => {
          context.strokeStyle = text;
          context.lineWidth = 1;
          context.strokeRect(-5.5, -5.5, 11, 11);
        }),
      ];
    }
    return this.made;
  },

  stamp(ratio, draw) {
    const side = Math.round(this.SIDE * ratio);
    const [canvas, context] = flhetero.sprite(side, side);
    context.scale(ratio, ratio);
    context.translate(this.SIDE / 2, this.SIDE / 2);
    context.beginPath();
    draw(context);
    return canvas;
  },
};
