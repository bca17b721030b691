/* The label matrix as files: the picture in view, and its records as a table. */
flhetero.matrixFiles = {
  bar(matrix) {
    const button = (format, act) => {
      const label = `Save as ${format.toUpperCase()}`;
      const made = flhetero.element("button", { type: "button", textContent: format, title: label });
      made.setAttribute("aria-label", `${label}: Label matrix`);
      made.addEventListener("click", () => matrix.state && act.call(this, matrix.state));
      return made;
    };
    return flhetero.element("div", { className: "tools" }, [
      button("png", this.picture), button("csv", this.records),
    ]);
  },

  picture({ board }) {
    const drawn = board.querySelector("canvas");
    const canvas = flhetero.element("canvas", { width: drawn.width, height: drawn.height });
    const context = canvas.getContext("2d");
    context.fillStyle = flhetero.colour("panel");
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(drawn, 0, 0);
    canvas.toBlob((blob) => flhetero.tools.download("label-matrix.png", blob));
  },

  // One line a record; places are shares of the plane's sides, from the lower left.
  records({ data }) {
    const lines = [["truth", "federated", "stand-alone", "record", "selected", "x", "y"]];
    for (const cell of data.cells) {
      const labels = [data.truths[cell.column], data.outputs[cell.row]];
      cell.records.forEach((record, at) => lines.push([
        ...[...labels, cell.alone[at]].map((label) => data.names[label]),
        record, Number(at < cell.n_selected), ...cell.places[at],
      ]));
    }
    const table = new Blob([flhetero.tools.table(lines)], { type: "text/csv" });
    flhetero.tools.download("label-matrix.csv", table);
  },
};
