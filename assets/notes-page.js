/* The Notes page: search, export, import, report, deletion; and a look for others' notes. */
flhetero.notesPage = {
  AGAIN_MS: 3000,
  GRID: "notes-grid",
  NEWS: "notes-news",

  start() {
    const tools = document.getElementById("notes-tools");
    if (!tools || tools.querySelector("h2")) return;
    const { element } = flhetero;
    const search = element("input", { type: "search", placeholder: "Search all columns" });
    search.setAttribute("aria-label", "Search the notes");
    search.addEventListener("input", () => this.grid((api) => api.setGridOption("quickFilterText", search.value)));
    const file = element("input", { type: "file", accept: ".json,application/json", hidden: true });
    file.addEventListener("change", () => this.bringIn(file));
    const button = (words, title, act, className = "") => {
      const made = element("button", { type: "button", textContent: words, title, className });
      made.addEventListener("click", act);
      return made;
    };
    const other = element("input", { type: "checkbox" });
    other.addEventListener("change", () => this.turnTo(other.checked));
    tools.replaceChildren(
      element("h2", { textContent: "Notes" }), search,
      element("label", { title: "List the notes that were deleted, to bring them back" }, [other, "Deleted ones"]),
      element("span", { className: "spacer" }),
      button("Export JSON", "Save the checked notes, or all, so that they can be imported elsewhere", () => this.save("json"), "of-kept"),
      button("Export CSV", "Save the checked notes, or all, as a table", () => this.save("csv"), "of-kept"),
      button("Report", "Save what was found for the chosen client, with its notes, as one HTML file", () => this.report()),
      button("Import…", "Bring in notes that were exported as JSON", () => file.click()),
      button("Delete…", "Delete the checked notes", () => this.ask(), "of-kept"),
      button("Restore", "Bring the checked notes back", () => this.bringBack(), "of-deleted"), file,
    );
    if (!this.timer) this.timer = window.setInterval(() => this.look(), this.AGAIN_MS);
    this.look();
  },

  async grid(act) {
    try {
      return act(await dash_ag_grid.getApiAsync(this.GRID));
    } catch {
      return null; // the grid is still being made
    }
  },

  async checked() {
    return (await this.grid((api) => api.getSelectedRows())) || [];
  },

  async look() {
    if (document.hidden || !document.getElementById(this.GRID)) return;
    const answer = await flhetero.notes.ask("GET", "/revision");
    flhetero.notes.tellCount(answer.count);
    if (!answer.problem && answer.revision !== this.revision) {
      this.revision = answer.revision;
      dash_clientside.set_props(this.NEWS, { data: { revision: answer.revision, deleted: this.isOfDeleted } });
    }
  },

  isOfDeleted: false,

  async turnTo(isOfDeleted) {
    this.isOfDeleted = isOfDeleted;
    document.querySelector(".notes-page").classList.toggle("lists-deleted", isOfDeleted);
    await this.grid((api) => api.deselectAll());
    this.say("");
    this.revision = null; // the same notes, but others of them
    this.look();
  },

  // With an action, as Undo, if there is one.
  say(words, word, act) {
    const says = document.getElementById("notes-says");
    says.replaceChildren(words);
    if (!word) return;
    const button = flhetero.element("button", { type: "button", textContent: word });
    button.addEventListener("click", act);
    says.append(button);
  },

  async send(path, body, type) {
    const headers = { "X-FLHetero-Page": flhetero.waiting.page, "Content-Type": type };
    return flhetero.waiting.plain(`annotations/${path}`, { method: "POST", headers, body });
  },

  async save(form) {
    const rows = await this.checked();
    const ids = rows.length ? rows.map((row) => row.id) : null;
    try {
      const response = await this.send("export", JSON.stringify({ form, ids }), "application/json");
      if (!response.ok) throw new Error((await response.json()).problem);
      flhetero.tools.download(`notes.${form}`, await response.blob());
      this.say("");
    } catch (error) {
      this.say(`Could not be exported: ${error.message}`);
    }
  },

  // Of the client in the header. It has pictures of records only if they are asked for.
  report() {
    const chosen = new URLSearchParams(window.location.search);
    const [dataset, client] = [chosen.get("dataset"), chosen.get("client")];
    if (!dataset || !client) return this.say("Choose a client first.");
    const round = chosen.get("round");
    const query = (records) => new URLSearchParams({ ...(round && { round }), ...(records && { records: 1 }) });
    const address = (records) =>
      `report/${encodeURIComponent(dataset)}/${encodeURIComponent(client)}.html?${query(records)}`;
    const link = (words, records) =>
      flhetero.element("a", { textContent: words, href: address(records), download: "" });
    document.getElementById("notes-says").replaceChildren(
      `Report on ${client}: `, link("labels, counts and figures", false), " or ", link("with example records", true),
    );
    return undefined;
  },

  async bringIn(field) {
    const [file] = field.files;
    field.value = "";
    if (!file) return;
    try {
      const response = await this.send("import", file, "application/octet-stream");
      const answer = await response.json();
      if (!response.ok) throw new Error(answer.problem);
      this.say(answer.words);
      this.look();
    } catch (error) {
      this.say(`Could not be imported: ${error.message}`);
    }
  },

  async bringBack() {
    const rows = await this.checked();
    if (!rows.length) return this.say("Check the notes that are to be brought back first.");
    const answers = await Promise.all(rows.map(({ id }) => flhetero.notes.ask("POST", `/${id}/restore`, {})));
    const problem = answers.find((answer) => answer.problem);
    const back = answers.filter((answer) => !answer.problem).length;
    this.say(`${back} of ${rows.length} brought back.${problem ? ` ${problem.problem}` : ""}`);
    return this.look();
  },

  async ask() {
    const rows = await this.checked();
    if (!rows.length) return this.say("Check the notes that are to be deleted first.");
    const what = rows.length === 1 ? "this note" : `these ${rows.length} notes`;
    return this.say(`Delete ${what} for everybody?`, `Delete ${what}`, () => this.remove(rows));
  },

  async remove(rows) {
    const answers = await Promise.all(rows.map((row) =>
      flhetero.notes.ask("DELETE", `/${row.id}`, { version: row.version })));
    const problem = answers.find((answer) => answer.problem);
    const gone = answers.filter((answer) => !answer.problem);
    await this.look();
    const words = `${gone.length} of ${rows.length} deleted.${problem ? ` ${problem.problem}` : ""}`;
    this.say(words, gone.length ? "Undo" : "", async () => {
      await Promise.all(gone.map((note) => flhetero.notes.ask("POST", `/${note.id}/restore`, {})));
      this.say("");
      this.look();
    });
  },
};

window.dashAgGridComponentFunctions = Object.assign(window.dashAgGridComponentFunctions || {}, {
  flheteroRecords: ({ value, data }) => {
    if (data.stands === false) return React.createElement("span", {}, "The samples have changed since.");
    return value ? React.createElement("img", { src: value, alt: "", className: "note-pictures" }) : null;
  },
  flheteroPicture: ({ value }) => React.createElement("a", { href: `examine${value}` }, "Open"),
});

new MutationObserver(() => flhetero.notesPage.start())
  .observe(document.documentElement, { childList: true, subtree: true });

/* The pages of the header keep what is chosen. */
document.addEventListener("click", (event) => {
  const link = event.target.closest && event.target.closest("nav.pages a");
  if (link) link.search = window.location.search;
}, true);
