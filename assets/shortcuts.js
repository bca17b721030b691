/* Keys that work anywhere on the page: `flhetero.shortcuts` has them. */
// Where keys are written, or begin a search in a list.
flhetero.takesKeys = function (target) {
  const own =
    "input:not([type='radio'], [type='checkbox'], [type='range']), textarea, select, " +
    "[contenteditable=''], [contenteditable='true'], [role='combobox'], [role='listbox'], " +
    "[role='textbox'], [role='menu']";
  return Boolean(target && target.closest && target.closest(own));
};

// Single keys disturb who dictates to the browser, so they can be switched off; the help's own
// button stays. Kept like the colours, in the browser.
flhetero.shortcutsOff = {
  KEY: "flhetero-keys",

  get() {
    try {
      return window.localStorage.getItem(this.KEY) === "off";
    } catch (refused) {
      return Boolean(this.now);
    }
  },

  set(isOff) {
    this.now = isOff;
    try {
      window.localStorage.setItem(this.KEY, isOff ? "off" : "on");
    } catch (refused) {
      // Storage may be blocked; then the choice lasts as long as the page.
    }
  },
};

document.addEventListener("keydown", (event) => {
  // Some keyboards write brackets with AltGr, which counts as Ctrl and Alt.
  const isWritten = event.getModifierState && event.getModifierState("AltGraph");
  if (event.defaultPrevented || event.metaKey) return;
  if ((event.ctrlKey || event.altKey) && !isWritten) return;
  if (flhetero.takesKeys(event.target) || flhetero.shortcutsOff.get()) return;
  // A dialog lies over what the keys would change.
  if (document.querySelector("dialog[open]")) return;
  const found = flhetero.shortcuts.find((one) => one.key === event.key);
  // Arrows belong to whatever has the focus; they are free where nothing has it.
  if (!found || (event.key.startsWith("Arrow") && event.target !== document.body)) return;
  event.preventDefault();
  found.action(event);
});
