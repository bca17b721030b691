/* The dialog with all records of the selection: pages of pictures, or a table. */
flhetero.sheet = {
  open(dialogId, isOpen, saves) {
    const closed = () => dash_clientside.set_props(isOpen, { data: false });
    if (!flhetero.dialog.open(document.getElementById(dialogId), closed)) return;
    this.page = 0;
    this.ask(isOpen);
    flhetero.exports.fill(saves);
    if (this.isLinked) return;
    this.isLinked = true;
    flhetero.link.on((state, changed) => {
      if (!document.getElementById(dialogId).open || !changed.records) return;
      this.ask(isOpen);
      flhetero.exports.fill(saves);
    });
  },

  // Each time it is opened counts, or the selection changes meanwhile.
  ask(isOpen) {
    this.count = (this.count || 0) + 1;
    dash_clientside.set_props(isOpen, { data: this.count });
  },

  show(boardId, intent, data) {
    const board = document.getElementById(boardId);
    if (!board) return;
    if (!data || !data.records) {
      board.replaceChildren();
      return;
    }
    this.state = { board, intent, data };
    this.page = Math.min(this.page || 0, this.last());
    this.draw();
    const first = board.querySelector(".tiles button");
    if (first) first.focus();
  },

  last() {
    const { data } = this.state;
    return Math.max(0, Math.ceil(data.records.length / data.page) - 1);
  },

  draw() {
    const { board, intent, data } = this.state;
    const start = this.page * data.page;
    const ids = data.records.slice(start, start + data.page);
    const columns = Math.min(ids.length, 20), rows = Math.ceil(ids.length / columns);
    const address = `url("${data.source}${ids.join(",")}&columns=${columns}&side=112")`;
    const tiles = ids.map((record, at) => this.tile(record, start + at, address, at, columns, rows));
    const sheet = flhetero.element("div", { className: "tiles" }, tiles);
    sheet.addEventListener("keydown", (event) => this.move(event));
    sheet.addEventListener("click", (event) => {
      const tile = event.target.closest("button");
      if (tile) this.verify(intent, tile.dataset.record);
    });
    board.replaceChildren(...(this.last() ? [this.pager()] : []), sheet);
    flhetero.tiles.press(sheet, null);
  },

  tile(record, at, address, place, columns, rows) {
    const { data } = this.state;
    const name = (ids) => (ids === null ? null : data.names[ids[at]]);
    const truth = name(data.truth), federated = name(data.federated), alone = name(data.standalone);
    const sign = truth === null ? "" : truth === federated ? "✓ " : "✗ ";
    const words = `record ${record}` + (truth === null ? "" : `, ground truth ${truth}`) +
      `, federated ${federated}, stand-alone ${alone}`;
    const picture = flhetero.element("span", { className: "picture" });
    flhetero.tiles.picture(picture, address, place, columns, rows);
    flhetero.tiles.fit(picture, 56, data.aspect);
    const tile = flhetero.element("button", { type: "button", title: words }, [
      picture,
      flhetero.heard(`record ${record}: `),
      flhetero.element("span", { textContent: truth === null ? `alone ${alone}` : truth }),
      flhetero.element("span", { textContent: `→ ${sign}${federated}` }),
    ]);
    tile.dataset.record = record;
    return tile;
  },

  pager() {
    const element = flhetero.element.bind(flhetero);
    const { data } = this.state;
    const turn = (step, words, sign) => {
      const button = element("button", { type: "button", textContent: sign, title: words });
      button.setAttribute("aria-label", words);
      button.disabled = this.page + step < 0 || this.page + step > this.last();
      button.addEventListener("click", () => {
        this.page += step;
        this.draw();
        const same = this.state.board.querySelectorAll(".pager button")[step < 0 ? 0 : 1];
        (same.disabled ? this.state.board.querySelector(".tiles button") : same).focus();
      });
      return button;
    };
    const first = this.page * data.page + 1;
    const last = Math.min(data.records.length, first + data.page - 1);
    const words = `${first} to ${last} of ${data.records.length.toLocaleString("en")}`;
    return element("div", { className: "row pager" }, [
      turn(-1, "Previous page", "‹"), element("span", { textContent: words }), turn(1, "Next page", "›"),
    ]);
  },

  // Arrow keys go from tile to tile; up and down by rows as they are laid out.
  move(event) {
    const tiles = [...event.currentTarget.querySelectorAll("button")];
    const here = tiles.indexOf(document.activeElement);
    if (here < 0) return;
    const top = tiles[0].offsetTop;
    const across = Math.max(1, tiles.filter((tile) => tile.offsetTop === top).length);
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = tiles[here + step];
    if (!next) return;
    tiles[here].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  },

  verify(intent, record) {
    flhetero.propose(intent, { record: String(record) });
    this.state && this.state.board.closest("dialog").close();
  },
};

// What the table of instances calls: a click on a row, or Enter in one of its cells.
window.dashAgGridFunctions = window.dashAgGridFunctions || {};
window.dashAgGridFunctions.flheteroVerify = (params, intent) => {
  const isEnter = params.event && params.event.key === "Enter";
  if (params.type === "cellKeyDown" && !isEnter) return;
  flhetero.propose(intent, { record: String(params.data.record) });
  document.getElementById("sheet-dialog").close();
};

flhetero.keys("Selected records", "in the larger view (button All…)", [
  [["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"], "go from record to record"],
  [["Enter"], "verify the record and close the view"],
  [["Escape"], "close the view"],
]);
