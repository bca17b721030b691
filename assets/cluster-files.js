/* The thumbnails of the inconsistency clusters as files. */
flhetero.clusterFiles = {
  WIDTH: 150,
  HEIGHT: 110, // of a thumbnail
  LINE: 14,
  GAP: 10,
  MOST: 6, // in a row

  attach(board) {
    const data = () => (board.querySelector("canvas") ? board.flheteroData : null);
    flhetero.drawnFiles.attach(board, "Inconsistency clusters", {
      picture: () => data() && this.picture(data()), rows: () => this.rows(data()),
    });
  },

  // Whole words, which the narrow tiles of the page have no room for.
  picture(data) {
    const lines = data.clusters.map((cluster) => this.lines(cluster));
    const tall = this.HEIGHT + this.LINE * Math.max(...lines.map((all) => all.length)) + 8;
    const columns = Math.min(this.MOST, data.clusters.length);
    const rows = Math.ceil(data.clusters.length / columns);
    const width = columns * (this.WIDTH + this.GAP) + this.GAP;
    const height = rows * (tall + this.GAP) + this.GAP;
    const density = flhetero.clusters.density(data);
    const paint = (context) => data.clusters.forEach((cluster, at) => {
      const column = at % columns, row = Math.floor(at / columns);
      context.save();
      context.translate(
        this.GAP + column * (this.WIDTH + this.GAP), this.GAP + row * (tall + this.GAP),
      );
      this.tile(context, cluster, lines[at], tall, density);
      context.restore();
    });
    return { width, height, paint };
  },

  lines(cluster) {
    const size = `${cluster.size.toLocaleString("en")} ${cluster.size === 1 ? "record" : "records"}`;
    const accuracy = `FL ${cluster.federated}, alone ${cluster.standalone}`;
    return [size, ...(cluster.federated === null ? [] : [accuracy]), ...flhetero.clusters.labels(cluster)];
  },

  tile(context, cluster, lines, tall, density) {
    flhetero.clusters.draw(context, this.WIDTH, this.HEIGHT, cluster, density);
    context.strokeStyle = flhetero.colour("line");
    context.lineWidth = 1;
    context.strokeRect(0, 0, this.WIDTH, tall);
    lines.forEach((line, at) => {
      context.fillStyle = flhetero.colour(at ? "muted" : "text");
      context.font = `${at ? "" : "bold "}10px ${flhetero.colour("font")}`;
      context.fillText(line, 5, this.HEIGHT + (at + 1) * this.LINE, this.WIDTH - 10);
    });
  },

  // One line for each pair of labels of a cluster.
  rows(data) {
    const known = data.clusters.some((cluster) => cluster.federated !== null);
    const head = ["cluster", "size", ...(known ? ["federated accuracy", "stand-alone accuracy", "truth"] : []),
      "federated", "records"];
    const rows = data.clusters.flatMap((cluster, at) => {
      const rest = flhetero.clusters.rest(cluster);
      const pairs = [...cluster.labels, ...(rest ? [["", "others", rest]] : [])];
      return pairs.map(([truth, output, count]) => [at + 1, cluster.size,
        ...(known ? [cluster.federated, cluster.standalone, truth] : []), output, count]);
    });
    return [head, ...rows];
  },
};
