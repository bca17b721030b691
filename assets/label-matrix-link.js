/* The label matrix follows what is chosen in other panels at once, and tells them what the pointer
   is on. Its records are the local ones: with sampled inputs the others' numbers mean others. */
flhetero.matrixLink = {
  listen(matrix) {
    flhetero.link.on((link, changed) => {
      const { state } = matrix;
      if (!state || !state.data.can_select) return;
      if (changed.records) this.mark(state, link.records);
      matrix.later();
    });
  },

  // The selected records of each cell come first, as the server gives them.
  mark(state, records) {
    const selected = new Set(records);
    for (const cell of state.data.cells) {
      const isIn = cell.records.map((record) => selected.has(record));
      const order = [...isIn.keys()].sort((one, other) => isIn[other] - isIn[one]);
      for (const part of ["records", "alone", "places"]) cell[part] = order.map((at) => cell[part][at]);
      cell.n_selected = isIn.filter(Boolean).length;
    }
    state.marked = (state.marked || 0) + 1;
  },

  // Where a record is, if it is inconsistent: its cell and its place in the plane.
  find(state, record) {
    if (record === null || !state.data.can_select) return null;
    if (!state.whereabouts) {
      state.whereabouts = new Map();
      for (const cell of state.data.cells) {
        for (const one of cell.records) state.whereabouts.set(one, cell);
      }
    }
    const cell = state.whereabouts.get(record);
    return cell ? { cell, place: cell.places[cell.records.indexOf(record)] } : null;
  },

  // Places of the records of the note that is open or pointed at, by cell.
  noted(state) {
    const { noted } = flhetero.link.state;
    if (state.notedOf === noted && state.notedIn) return state.notedIn;
    state.notedOf = noted;
    state.notedIn = new Map();
    for (const record of noted) {
      const found = this.find(state, record);
      if (!found) continue;
      const key = `${found.cell.row} ${found.cell.column}`;
      if (!state.notedIn.has(key)) state.notedIn.set(key, []);
      state.notedIn.get(key).push(found.place);
    }
    return state.notedIn;
  },

  // Frames of the noted records; rings around the record under verification and the one under the pointer.
  rings(context, state, ink, row, column, place) {
    context.strokeStyle = ink.text;
    context.lineWidth = 1;
    for (const at of this.noted(state).get(`${row} ${column}`) || []) {
      const [x, y] = place(at);
      context.strokeRect(x - 4, y - 4, 8, 8);
    }
    const { record, hovered } = flhetero.link.state;
    for (const [one, radius, width] of [[record, 5.5, 2], [hovered, 4.5, 1.4]]) {
      const found = this.find(state, one);
      if (!found || found.cell.row !== row || found.cell.column !== column) continue;
      const [x, y] = place(found.place);
      context.lineWidth = width;
      context.strokeStyle = ink.text;
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.stroke();
    }
  },

  hover(state, found) {
    if (!state.data.can_select) return;
    flhetero.link.set({ hovered: found && found.record ? found.record.record : null });
  },
};
