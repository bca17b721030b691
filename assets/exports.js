/* The selection's records as files. The server makes them (web/exports.py); it is told what the
   stores hold, because records that were selected by hand are known to this browser only. */
flhetero.exports = {
  STORES: ["chosen-clusters", "chosen-focus"],
  FORMS: {
    csv: ["CSV", "A table: labels, both outputs, and attributes, if they have names"],
    npz: ["NPZ", "Arrays for NumPy: values as they are stored, labels, both outputs"],
    zip: ["Images", "A folder (ZIP) with a PNG of each record, and their table"],
  },

  fill(boardId) {
    const board = document.getElementById(boardId);
    if (!board) return;
    const { records, pictures } = flhetero.link.state;
    if (!board.firstChild) this.build(board);
    board.querySelectorAll("button").forEach((button) => {
      button.hidden = button.dataset.form === "zip" && !pictures; // what is no picture has none
      if (!button.dataset.busy) button.disabled = !records.length;
    });
    board.querySelector("[role=status]").textContent = "";
  },

  build(board) {
    const said = flhetero.element("span"); // always there, else the first words are not heard
    said.setAttribute("role", "status");
    const buttons = Object.entries(this.FORMS).map(([form, [word, title]]) => {
      const button = flhetero.element("button", { type: "button", textContent: word, title });
      button.setAttribute("aria-label", `Save records: ${word}`);
      button.dataset.form = form;
      button.addEventListener("click", () => this.save(form, button, said));
      return button;
    });
    board.append(said, flhetero.element("span", { textContent: "Save records:" }), ...buttons);
  },

  async save(form, button, said) {
    if (button.dataset.busy) return;
    button.dataset.busy = "true";
    said.textContent = "Saving…";
    try {
      const answer = await this.ask(form);
      if (answer.ok) {
        flhetero.tools.download(this.name(answer), await answer.blob());
        said.textContent = "Saved";
      } else said.textContent = await answer.text();
    } catch {
      said.textContent = "The server did not answer; nothing was saved.";
    }
    delete button.dataset.busy;
  },

  ask(form) {
    const stored = (id) => flhetero.anticipate.data(id) || {};
    const { dataset, client, inputs, round } = stored("chosen-client-round");
    const parts = [dataset, client, inputs || "local"].map(encodeURIComponent);
    const body = new URLSearchParams({ round });
    for (const id of this.STORES) {
      for (const [name, value] of Object.entries(stored(id))) body.set(name, value);
    }
    return fetch(`/exports/${parts.join("/")}/records.${form}`, { method: "POST", body });
  },

  // As the server calls the file.
  name(answer) {
    const header = answer.headers.get("Content-Disposition") || "";
    const coded = /filename\*=UTF-8''([^;]+)/i.exec(header);
    const plain = /filename="?([^";]+)"?/.exec(header);
    return coded ? decodeURIComponent(coded[1]) : plain ? plain[1] : "records";
  },
};
