/* The record under verification: what it is, what is said of it, and what stands around it. */
flhetero.instance = {
  show(intent, data) {
    if (!data || !document.getElementById("instance-facts")) return;
    this.data = data;
    this.facts(data.message ? [] : data.facts || [], data.message);
    this.picture(data.picture, data.alt);
    this.details("instance-scores", data);
    flhetero.rounds.show("instance-rounds", intent, data.rounds || {});
    this.nearest("instance-nearest", intent, data.nearest || {});
    if (data.record !== undefined) flhetero.link.set({ record: data.record });
    flhetero.strip.intent = intent;
    flhetero.strip.show();
    if (this.isLinked) this.follow(flhetero.link.state);
    else flhetero.link.on((state) => this.follow(state));
    this.isLinked = true;
  },

  // Another record was chosen in the browser: its picture is there before what is said of it.
  follow({ record, pictures }) {
    const panel = document.getElementById("instance-verified");
    if (!panel || !this.data) return;
    const isComing = record !== null && record !== this.data.record;
    panel.setAttribute("aria-busy", String(isComing));
    if (isComing && pictures && this.data.picture) this.picture(`${pictures}${record}`, `record ${record}`);
  },

  picture(address, alt) {
    const board = document.getElementById("instance-picture");
    const image = board.firstElementChild;
    if (!address) board.replaceChildren();
    else if (image) Object.assign(image, { src: address, alt });
    else board.append(flhetero.element("img", { src: address, alt }));
  },

  facts(facts, message) {
    const element = flhetero.element.bind(flhetero);
    const parts = facts.flatMap(([term, word, isRight]) => {
      const said = element("b", { textContent: word });
      if (isRight === null) return [element("dt", { textContent: term }), element("dd", {}, [said])];
      const name = isRight ? "right" : "wrong";
      const sign = element("span", { className: name, textContent: isRight ? "✓" : "✗" });
      sign.setAttribute("role", "img");
      sign.setAttribute("aria-label", name);
      return [element("dt", { textContent: term }), element("dd", {}, [sign, " ", said])];
    });
    // A list of facts must name what each of them is about.
    if (message) {
      parts.push(element("dt", { className: "heard", textContent: "Record" }));
      parts.push(element("dd", { textContent: message }));
    }
    document.getElementById("instance-facts").replaceChildren(...parts);
  },

  details(boardId, data) {
    const scores = document.getElementById(boardId);
    const attributes = document.getElementById("instance-attributes");
    scores.replaceChildren(...(data.scores && data.scores.length ? [this.scores(data.scores)] : []));
    const listed = data.attributes && data.attributes.length;
    attributes.replaceChildren(...(listed ? this.attributes(data) : []));
    attributes.tabIndex = listed ? 0 : -1; // it scrolls
  },

  row(cells, head) {
    const element = flhetero.element.bind(flhetero);
    return element("tr", {}, cells.map((cell, at) => {
      const made = element(head || at === 0 ? "th" : "td");
      made.append(cell);
      if (head || at === 0) made.scope = head ? "col" : "row";
      return made;
    }));
  },

  scores(scores) {
    const element = flhetero.element.bind(flhetero);
    const rows = scores.map((score) => this.row([
      score.is_truth ? element("b", { textContent: `✓ ${score.name}`, title: `${score.name}: ground truth` }) : score.name,
      this.bar(score.federated, "federated"),
      this.bar(score.standalone, "standalone"),
    ]));
    const table = element("table", { className: "bars" }, [
      this.row(["Score", "Federated", "Alone"], true), ...rows,
    ]);
    table.rows[0].cells[0].title = "Probability that the model gives each class";
    table.querySelectorAll("th").forEach((cell) => { cell.title = cell.title || cell.textContent; });
    return table;
  },

  bar(share, model) {
    const element = flhetero.element.bind(flhetero);
    if (share === null) return element("span", { className: "muted", textContent: "not recorded" });
    const bar = element("i", { className: model });
    bar.style.width = `${Math.max(1, 100 * share)}%`;
    const percent = share > 0 && share < 0.005 ? "<1%" : `${Math.round(100 * share)}%`;
    return element("span", { className: "bar-cell" }, [
      element("span", { className: "track" }, [bar]),
      element("span", { className: "share", textContent: percent }),
    ]);
  },

  attributes(data) {
    const element = flhetero.element.bind(flhetero);
    const far = "How far the record lies from the selection: in standard deviations (sd) of the " +
      "client's records; for categories the share of the selection with another value";
    const compared = data.attributes.some((row) => row.median !== undefined);
    const head = this.row(["attribute", "record", ...(compared ? ["median", "apart"] : [])], true);
    if (compared) {
      head.cells[2].title = "Median of the selected records; of categories the most frequent one";
      head.cells[3].title = far;
    }
    const rows = data.attributes.map((row) =>
      this.row([row.name, row.value, ...(compared ? [row.median, row.distance] : [])]));
    const table = element("table", { className: "attributes" }, [head, ...rows]);
    return data.note
      ? [table, element("p", { className: "hint", textContent: data.note })] : [table];
  },

  nearest(boardId, intent, data) {
    const board = document.getElementById(boardId);
    if (!board || !data) return;
    if (!data.records) {
      board.replaceChildren(...(data.message
        ? [flhetero.element("p", { className: "hint", textContent: data.message })] : []));
      return;
    }
    const ids = data.records.map((one) => one.record);
    const address = data.source && ids.length ? `url("${data.source}${ids.join(",")}")` : "";
    const figures = data.records.map((one, at) => {
      const table = data.inputs ? "local record" : "record";
      const words = `${table} ${one.record}: ${one.label}, distance ${one.distance}`;
      const tile = flhetero.tiles.tile(one.record, words, address, at, ids.length);
      if (address) flhetero.tiles.fit(tile, 28, data.aspect);
      tile.addEventListener("click", () => flhetero.propose(intent, {
        ...(data.inputs ? { inputs: data.inputs } : {}), record: String(one.record),
      }));
      const caption = data.inputs ? `${one.record} · ${one.label}` : String(one.record);
      return flhetero.element("figure", {}, [
        tile, ...(address ? [flhetero.element("figcaption", { textContent: caption })] : []),
      ]);
    });
    const title = flhetero.element("h4", { textContent: data.title, title: data.words });
    const row = flhetero.element("div", { className: "strip" }, figures);
    const note = data.note ? [flhetero.element("p", { className: "hint", textContent: data.note })] : [];
    board.replaceChildren(title, row, ...note);
  },
};
