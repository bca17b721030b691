/* Thumbnails of the inconsistency clusters: density of all inputs, outline, size, accuracies. */
flhetero.clusters = {
  show(boardId, intent, data, focus) {
    const board = document.getElementById(boardId);
    if (!board || flhetero.message(board, data)) return;
    const isCell = Boolean(focus && (focus.cell || focus.own));
    const wanted = Number((focus && focus.cluster) || 1);
    const chosen = isCell ? 0 : wanted > data.clusters.length ? 1 : wanted;
    if (board.flheteroData !== data || !board.querySelector("button")) {
      board.flheteroData = data;
      const density = this.density(data);
      this.shared = this.sharedWords(data);
      board.replaceChildren(
        ...data.clusters.map((cluster, at) => this.tile(intent, cluster, at + 1, density)),
      );
      this.fit(board);
      this.redraw(board, data, density);
    }
    board.querySelectorAll("button").forEach((tile, at) => {
      tile.setAttribute("aria-pressed", String(at + 1 === chosen));
    });
    this.tellNoted(board);
    if (!this.isLinked) {
      this.isLinked = true;
      flhetero.link.on((_, changed) => {
        const now = document.getElementById(boardId);
        if (changed.noted && now) this.tellNoted(now);
      });
    }
    if (!this.watched) {
      this.watched = true;
      // Colours are drawn into canvases, so a change of theme draws them anew.
      new MutationObserver(() => {
        const now = document.getElementById(boardId);
        if (now && now.flheteroData && now.querySelector("canvas")) {
          this.redraw(now, now.flheteroData, this.density(now.flheteroData));
        }
      }).observe(document.documentElement, { attributeFilter: ["data-mantine-color-scheme"] });
    }
    if (this.sized !== board) {
      this.sized = board;
      flhetero.clusterFiles.attach(board);
      new ResizeObserver(() => {
        if (!board.flheteroData || !board.querySelector("canvas")) return;
        this.fit(board);
        this.redraw(board, board.flheteroData, this.density(board.flheteroData));
      }).observe(board);
    }
  },

  NARROWEST: 76,
  LOWEST: 36, // of a thumbnail's picture
  GAP: 6,

  // As few columns, and so as large pictures, as fit without scrolling; they fill the height.
  fit(board) {
    const tiles = [...board.querySelectorAll("button")];
    const width = board.clientWidth, height = board.clientHeight;
    if (!tiles.length || !width) return;
    const most = Math.max(1, Math.floor((width + this.GAP) / (this.NARROWEST + this.GAP)));
    const isStacked = window.matchMedia("(max-width: 860px)").matches; // as high as its tiles
    // Where nothing fits without scrolling: narrow ones, as many in each row.
    const narrow = Math.ceil(tiles.length / Math.ceil(tiles.length / most));
    for (let columns = isStacked ? narrow : 1; columns <= narrow; columns += 1) {
      board.style.setProperty("--columns", columns);
      board.style.setProperty("--thumbnail", "0px");
      const each = (width - this.GAP * (columns - 1)) / columns;
      const rows = Math.ceil(tiles.length / columns);
      const words = Math.max(...tiles.map((tile) => tile.offsetHeight));
      const room = isStacked ? Infinity : (height - this.GAP * (rows - 1)) / rows - words;
      const picture = Math.floor(Math.max(this.LOWEST, Math.min(room, each, 240)));
      board.style.setProperty("--thumbnail", `${isStacked ? Math.floor(each / 1.7) : picture}px`);
      if (room >= 0.55 * each) return;
    }
  },

  tile(intent, cluster, number) {
    const element = flhetero.element.bind(flhetero);
    const words = cluster.size === 1 ? " record" : " records";
    const lines = [
      element("div", {}, [element("b", { textContent: cluster.size.toLocaleString("en") }), words]),
    ];
    if (cluster.federated !== null) {
      lines.push(element("div", { className: "muted", textContent: `FL ${cluster.federated}` }));
      lines.push(element("div", { className: "muted", textContent: `alone ${cluster.standalone}` }));
    }
    lines.push(this.makeup(cluster));
    lines.push(element("div", { className: "in-note", hidden: true }));
    const tile = element("button", { className: "cluster", type: "button" }, [
      element("canvas"),
      flhetero.heard(`Cluster ${number}: `),
      ...lines,
    ]);
    // Beside the name, which is what the tile shows, assistive technology reads it as description.
    tile.title = this.labels(cluster).join("\n");
    tile.addEventListener("click", () => flhetero.propose(intent, { cluster: String(number) }));
    return tile;
  },

  // How many of a cluster's records are in the note that is open, or pointed at.
  tellNoted(board) {
    const { noted } = flhetero.link.state, { flheteroData: data } = board;
    if (!data || !data.clusters) return;
    const isNoted = new Set(noted);
    board.querySelectorAll("button").forEach((tile, at) => {
      const { records } = data.clusters[at];
      const both = noted.length ? flhetero.notes.records({ records }).filter((one) => isNoted.has(one)).length : 0;
      const words = tile.querySelector(".in-note");
      words.hidden = !noted.length;
      words.classList.toggle("none", !both);
      words.textContent = both ? `${both.toLocaleString("en")} noted` : "0 noted";
    });
  },

  // "digit 7 called digit 2: 42", the most frequent first.
  labels(cluster) {
    const lines = cluster.labels.map(([truth, output, count]) =>
      (truth ? `${truth} called ${output}: ${count}` : `${output}: ${count}`));
    const rest = this.rest(cluster);
    return rest ? [...lines, `others: ${rest}`] : lines;
  },

  // Length of the words that all labels begin with: "digit " says nothing in a thumbnail.
  sharedWords(data) {
    const names = data.clusters.flatMap(({ labels }) => labels.flatMap(([a, b]) => [a, b])).filter(Boolean);
    let shared = names[0] || "";
    for (const name of names) while (!name.startsWith(shared)) shared = shared.slice(0, -1);
    return shared.length && names.every((name) => name.length > shared.length)
      ? Math.max(shared.lastIndexOf(" "), shared.lastIndexOf("-")) + 1 : 0;
  },

  rest(cluster) {
    return cluster.size - cluster.labels.reduce((sum, [, , count]) => sum + count, 0);
  },

  // What the cluster is made of: its largest pair of labels in words, and a bar of all pairs.
  makeup(cluster) {
    const part = (count, className) => {
      const made = flhetero.element("i", { className });
      made.style.flexGrow = count;
      return made;
    };
    const parts = cluster.labels.map(([, , count]) => part(count, ""));
    if (this.rest(cluster)) parts.push(part(this.rest(cluster), "rest"));
    const [truth, output, count] = cluster.labels[0];
    const name = (label, sign) =>
      flhetero.element("span", { textContent: sign + label.slice(this.shared) });
    const words = truth ? [name(truth, ""), " ", name(output, "→ ")] : [name(output, "")];
    const most = flhetero.element("span", {
      className: "most", textContent: count.toLocaleString("en"),
    });
    return flhetero.element("div", { className: "labels" }, [
      flhetero.element("span", { className: "words" }, words),
      flhetero.element("span", { className: "makeup" }, [...parts, most]),
    ]);
  },

  redraw(board, data, density) {
    board.querySelectorAll("button").forEach((tile, at) => {
      const canvas = tile.querySelector("canvas");
      const box = canvas.getBoundingClientRect();
      const size = [box.width || 76, box.height || 66];
      this.draw(flhetero.context(canvas, ...size), ...size, data.clusters[at], density);
    });
  },

  // The density as a small picture that every thumbnail stretches over itself.
  density(data) {
    const side = data.n_grid;
    const [canvas, context] = flhetero.sprite(side, side);
    const image = context.createImageData(side, side);
    const ink = flhetero.colour("total");
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(ink.slice(at, at + 2), 16));
    data.density.forEach((value, at) => {
      // Rows of the density go up, those of a picture down.
      const pixel = 4 * ((side - 1 - Math.floor(at / side)) * side + (at % side));
      image.data.set([red, green, blue, Math.round(value * 1.6)], pixel);
    });
    context.putImageData(image, 0, 0);
    return canvas;
  },

  draw(context, width, height, cluster, density) {
    context.drawImage(density, 0, 0, width, height);
    const places = cluster.hull.map(([x, y]) => [x * width, (1 - y) * height]);
    context.strokeStyle = context.fillStyle = flhetero.colour("inconsistent");
    context.lineWidth = 1.6;
    if (places.length > 2) {
      context.beginPath();
      places.forEach(([x, y]) => context.lineTo(x, y));
      context.closePath();
      context.globalAlpha = 0.25;
      context.fill();
      context.globalAlpha = 1;
      context.stroke();
    }
    for (const [x, y] of places) {
      context.beginPath();
      context.arc(x, y, places.length > 2 ? 1.3 : 2.6, 0, 2 * Math.PI);
      context.fill();
    }
  },
};
