/* One record's federated output by round: a row for each class, the ground truth on top. */
flhetero.rounds = {
  LABEL: 74,
  ROW: 10,
  AXIS: 12,

  show(boardId, intent, data) {
    const board = document.getElementById(boardId);
    if (!board || !data) return;
    this.state = { board, intent, data };
    if (!data.cells) {
      const words = data.message ? [flhetero.element("p", { className: "hint", textContent: data.message })] : [];
      board.replaceChildren(...words);
      return;
    }
    const canvas = board.querySelector("canvas") || this.canvas(board);
    canvas.setAttribute("aria-valuemax", String(data.cells.length));
    canvas.setAttribute("aria-valuenow", String(data.selected + 1));
    canvas.setAttribute("aria-valuetext", this.words(data.selected));
    board.querySelector(".since").textContent = data.note;
    this.draw();
    if (!this.watcher) {
      this.watcher = new ResizeObserver(() => this.draw());
      this.watcher.observe(board);
      new MutationObserver(() => this.draw()).observe(
        document.documentElement, { attributeFilter: ["data-mantine-color-scheme"] },
      );
    }
  },

  canvas(board) {
    const canvas = flhetero.element("canvas", { tabIndex: 0 });
    canvas.setAttribute("role", "slider");
    canvas.setAttribute("aria-label", "Federated output of this record by round; arrow keys select the round");
    canvas.setAttribute("aria-valuemin", "1");
    canvas.addEventListener("mousemove", (event) => { canvas.title = this.words(this.round(event)); });
    canvas.addEventListener("click", (event) => this.choose(this.round(event)));
    canvas.addEventListener("keydown", (event) => this.key(event));
    board.replaceChildren(
      flhetero.element("h4", { textContent: "By round: " }, [
        flhetero.element("span", { className: "since" }),
      ]),
      canvas,
    );
    flhetero.drawnFiles.attach(canvas, "Federated output by round", {
      picture: () => this.picture(), rows: () => this.rows(this.state.data),
    }, true);
    return canvas;
  },

  words(round) {
    const { data } = this.state;
    if (data.cells[round] === undefined) return "";
    if (data.cells[round] < 0) return `round ${round + 1}: outputs not recorded`;
    const sign = data.right === null ? "" : data.right[round] ? " ✓ right" : " ✗ wrong";
    return `round ${round + 1}: ${data.words[round]}${sign}`;
  },

  round(event) {
    const box = event.target.getBoundingClientRect();
    const count = this.state.data.cells.length;
    const share = (event.clientX - box.left - this.LABEL) / (box.width - this.LABEL);
    return share < 0 ? -1 : Math.min(count - 1, Math.floor(share * count));
  },

  choose(round) {
    const { intent, data } = this.state;
    if (round < 0 || round >= data.cells.length || round === data.selected) return;
    flhetero.propose(intent, { round: String(round + 1) });
  },

  key(event) {
    const { data } = this.state;
    const last = data.cells.length - 1;
    const wanted = {
      ArrowLeft: data.selected - 1, ArrowDown: data.selected - 1,
      ArrowRight: data.selected + 1, ArrowUp: data.selected + 1, Home: 0, End: last,
    }[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    this.choose(Math.max(0, Math.min(last, wanted)));
  },

  picture() {
    const { board, data } = this.state;
    if (!data.cells) return null;
    const width = board.getBoundingClientRect().width;
    const height = Math.max(1, data.rows.length) * this.ROW + this.AXIS;
    return { width, height, paint: (context) => this.paint(context, width, height, data) };
  },

  rows({ words, right }) {
    const sign = (round) => (!words[round] ? "" : right[round] ? "right" : "wrong");
    return [["round", "federated output", ...(right === null ? [] : ["is"])],
      ...words.map((word, round) => [round + 1, word, ...(right === null ? [] : [sign(round)])])];
  },

  draw() {
    const canvas = this.state.board.querySelector("canvas");
    const picture = this.picture();
    if (!canvas || !picture) return;
    canvas.style.width = picture.width + "px";
    canvas.style.height = picture.height + "px";
    picture.paint(flhetero.context(canvas, picture.width, picture.height));
  },

  paint(context, width, height, data) {
    const step = (width - this.LABEL) / data.cells.length;
    this.drawRows(context, data, width);
    data.cells.forEach((row, round) => {
      if (row < 0) return;
      const right = data.right === null ? "total" : data.right[round] ? "right" : "wrong";
      context.fillStyle = flhetero.colour(right);
      const gap = step > 4 ? 1 : 0;
      context.fillRect(this.LABEL + round * step + gap / 2, row * this.ROW + 2, Math.max(1, step - gap), this.ROW - 3);
    });
    this.drawAxis(context, data, step, height);
  },

  drawRows(context, data, width) {
    context.font = "10px " + flhetero.colour("font");
    context.textBaseline = "middle";
    context.textAlign = "right";
    data.rows.forEach((row, at) => {
      const middle = at * this.ROW + this.ROW / 2 + 0.5;
      context.fillStyle = flhetero.colour(row.truth ? "text" : "muted");
      context.fillText((row.truth ? "✓ " : "") + row.name, this.LABEL - 5, middle, this.LABEL - 6);
      context.fillStyle = flhetero.colour("line");
      context.fillRect(this.LABEL, Math.round(middle), width - this.LABEL, 1);
    });
  },

  // Numbers stay within the canvas, also of narrow first and last rounds.
  number(context, round, middle, bottom) {
    const text = String(round + 1);
    const half = context.measureText(text).width / 2;
    const right = this.state.board.getBoundingClientRect().width - half;
    context.fillText(text, Math.min(middle, right), bottom);
  },

  drawAxis(context, data, step, height) {
    const left = this.LABEL + data.selected * step;
    const wide = Math.max(step, 3);
    context.strokeStyle = flhetero.colour("text");
    context.lineWidth = 1.5;
    context.strokeRect(left + step / 2 - wide / 2, 0.75, wide, height - this.AXIS - 0.5);
    context.textBaseline = "bottom";
    context.textAlign = "center";
    const middle = (round) => this.LABEL + (round + 0.5) * step;
    const apart = (round) => Math.abs(middle(round) - middle(data.selected)) > 18;
    context.fillStyle = flhetero.colour("muted");
    for (const round of new Set([0, data.cells.length - 1])) {
      if (apart(round)) this.number(context, round, middle(round), height);
    }
    context.fillStyle = flhetero.colour("text");
    this.number(context, data.selected, middle(data.selected), height);
  },
};

flhetero.keys("Instance Verification", "on the strip of rounds", [
  [["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"], "round before or after"],
  [["Home", "End"], "first or last round"],
]);
