/* What all panels share while nothing is asked of the server: the selected records, the one under
   verification and the one under the pointer, of the chosen inputs. */
flhetero.link = {
  state: { records: [], record: null, hovered: null, noted: [], about: null, pictures: null, aspect: 1 },
  listeners: [],

  // Call a function now and whenever something changes; it gets the state and what changed.
  on(listener) {
    this.listeners.push(listener);
    listener(this.state, this.state);
  },

  set(changes) {
    const changed = Object.fromEntries(
      Object.entries(changes).filter(([name, value]) => this.state[name] !== value),
    );
    if (!Object.keys(changed).length) return;
    Object.assign(this.state, changed);
    this.listeners.forEach((listener) => listener(this.state, changed));
  },
};

/* A small card beside the pointer: picture and labels of a record. */
flhetero.tip = {
  known: new Map(),

  card() {
    let card = document.getElementById("record-tip");
    if (!card) {
      card = flhetero.element("div", { id: "record-tip", className: "tip", hidden: true });
      card.setAttribute("role", "tooltip");
      document.body.append(card);
    }
    return card;
  },

  show(record, left, top) {
    const { about, pictures } = flhetero.link.state;
    if (!about || record === null) return this.hide();
    const address = `${about}${record}.json`;
    const card = this.card();
    this.wanted = address;
    const place = () => {
      const box = card.getBoundingClientRect();
      card.style.left = `${Math.min(left + 14, window.innerWidth - box.width - 4)}px`;
      card.style.top = `${Math.max(4, Math.min(top + 14, window.innerHeight - box.height - 4))}px`;
    };
    const fill = (words) => {
      if (this.wanted !== address) return;
      const parts = [];
      if (pictures) parts.push(flhetero.element("img", { src: `${pictures}${record}`, alt: "" }));
      const lines = words.map(([term, word]) =>
        flhetero.element("div", {}, [
          flhetero.element("span", { className: "muted", textContent: `${term} ` }),
          flhetero.element("b", { textContent: word }),
        ]),
      );
      parts.push(flhetero.element("div", {}, lines));
      card.replaceChildren(...parts);
      card.dataset.record = record;
      card.hidden = false;
      place();
    };
    if (this.known.has(address)) return fill(this.known.get(address));
    // A pointer that only passes by asks for nothing.
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      fetch(address)
        .then((answer) => (answer.ok ? answer.json() : null))
        .then((words) => {
          if (!words) return;
          if (this.known.size > 2000) this.known.clear();
          this.known.set(address, words);
          fill(words);
        })
        .catch(() => this.hide());
    }, 60);
  },

  hide() {
    window.clearTimeout(this.timer);
    this.wanted = null;
    this.card().hidden = true;
  },
};
