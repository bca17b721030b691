/* Going from round to round: the header's slider and field, and keys anywhere on the page. */
flhetero.stepper = {
  INTENT: "frame-intent",
  FIELD: "frame-round",
  SETTLED_MS: 250,
  round: null, // where the keys have got to
  most: 0,

  // What is chosen; also where the slider stands.
  know(chosen, most, slider) {
    const round = chosen && chosen.round ? Number(chosen.round) : null;
    if (!this.held) this.round = round;
    this.most = most || 0;
    flhetero.controls.set(slider, {
      value: round || 1,
      max: Math.max(this.most, 2),
      disabled: this.most < 2 || round === null,
    });
  },

  // The round that a key leads to; null: the key means something else.
  after(key, round, most) {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, "]": 1, "[": -1 };
    const jump = { Home: 1, End: most };
    if (!(key in by) && !(key in jump)) return null;
    return Math.min(most, Math.max(1, key in jump ? jump[key] : round + by[key]));
  },

  // A key that is held runs through the rounds; only where it stops is computed, and only that
  // is a place to go back to.
  press(event, holder, show, propose) {
    const next = this.after(event.key, holder.round, holder.most);
    if (next === null || holder.round === null) return;
    event.preventDefault();
    if (next === holder.round) return;
    holder.round = next;
    show(next);
    window.clearTimeout(holder.later);
    holder.held = event.repeat;
    if (!event.repeat) propose(next);
    else {
      holder.later = window.setTimeout(() => {
        holder.held = false;
        propose(next);
      }, this.SETTLED_MS);
    }
  },

  step(event) {
    const field = document.getElementById(this.FIELD);
    const show = (round) => field && (field.value = round);
    const propose = (round) => flhetero.propose(this.INTENT, { round: String(round) });
    this.press(event, this, show, propose);
  },

  // The slider was let go: its place replaces the one before it in the history.
  dragged(round, chosen) {
    if (!chosen || !Number.isInteger(round) || String(round) === chosen.round) return;
    flhetero.propose(this.INTENT, { round: String(round), history: "replace" });
  },

  // The address of a picture that replaces the one before it.
  replaceLink(search) {
    if (!search || search === window.location.search) return;
    window.history.replaceState({}, "", window.location.pathname + search + window.location.hash);
    // Dash looks at the address when it hears of a push; it adds no entry itself.
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  },
};

for (const [key, words] of [
  ["[", "Round before"],
  ["]", "Round after"],
  ["ArrowLeft", "Round before (where nothing has the focus)"],
  ["ArrowRight", "Round after (where nothing has the focus)"],
]) {
  flhetero.shortcut(key, words, (event) => flhetero.stepper.step(event));
}

flhetero.keys("Header", "in the field of the round", [
  [["ArrowUp", "ArrowDown"], "round after or before"],
]);

document.addEventListener(
  "keydown",
  (event) => {
    // Up and down: left, right, Home and End move within the number.
    const isField = event.target.id === flhetero.stepper.FIELD;
    if (!isField || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.stopPropagation();
    flhetero.stepper.step(event);
  },
  true,
);
