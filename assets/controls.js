/* Controls: what the user does becomes an intent, what is chosen is shown. */
flhetero.controls = {
  // [control, intent store, parameter, default]
  propose([control, intent, parameter, standard], value, chosen) {
    const current = (chosen && chosen[parameter]) ?? String(standard);
    if (value === null || value === undefined || String(value) === current) return;
    this.send(intent, { [parameter]: String(value) === String(standard) ? null : String(value) });
  },

  reflect(bound, chosen) {
    for (const [control, , parameter, standard] of bound) {
      this.set(control, { value: (chosen && chosen[parameter]) ?? String(standard) });
    }
  },

  // Writing what is there already would have every listener asked for nothing.
  set(control, values) {
    if (!document.getElementById(control)) return; // a control of another page
    const layout = window.dash_component_api.getLayout(control);
    const held = (layout && layout.props) || {};
    const news = Object.entries(values).filter(([name, value]) => held[name] !== value);
    if (news.length) dash_clientside.set_props(control, Object.fromEntries(news));
  },

  send(intent, values) {
    flhetero.propose(intent, values);
  },

  // A number that was committed by Enter or by leaving the field, if it was changed.
  // What stands in the field counts: Dash may hear of it a moment later.
  commit([control, intent, parameter]) {
    const field = document.getElementById(control);
    if (!field || field.value.trim() === "") return;
    // Leaving a field that shows an automatic number must not make it one chosen by hand.
    if (field.dataset.before === field.value) return;
    field.dataset.before = field.value;
    this.send(intent, { [parameter]: field.value.trim() });
  },

  automatic([control, intent, parameter], value, pressed) {
    const number = value === "" || value === null || value === undefined ? null : String(value);
    this.send(intent, { [parameter]: pressed === "true" ? number : "auto" });
  },

  roundClicked(intent, click) {
    const point = click && click.points && click.points[0];
    if (!point) return;
    const round = Array.isArray(point.customdata) ? point.customdata[0] : Math.round(point.x);
    if (Number.isInteger(round)) this.send(intent, { round: String(round) });
  },

  proposeRounds(intent, rounds, chosen, most) {
    if (!Array.isArray(rounds)) return;
    const whole = rounds[0] === 1 && rounds[1] === most;
    const wanted = whole ? null : rounds.join("-");
    if (wanted !== ((chosen && chosen.rounds) ?? null)) this.send(intent, { rounds: wanted });
  },

  reflectRounds(slider, chosen, most) {
    const [first, last] = ((chosen && chosen.rounds) || `1-${most}`).split("-").map(Number);
    const value = [Math.min(first, most), Math.min(last, most)];
    dash_clientside.set_props(slider, { value });
    return value[0] === value[1] ? `${value[0]}` : `${value[0]}–${value[1]}`;
  },
};

document.addEventListener("focusin", (event) => {
  if (event.target.closest(".number")) event.target.dataset.before = event.target.value;
});
