/* Keys that work anywhere on the page. `flhetero.shortcuts` lists them: key, description, action. */
flhetero.shortcuts = [];

// A key is what `KeyboardEvent.key` calls it. The last one to claim a key gets it.
flhetero.shortcut = function (key, description, action) {
  const others = this.shortcuts.filter((one) => one.key !== key);
  this.shortcuts = [...others, { key, description, action }];
};

flhetero.takesKeys = function (target) {
  // Where keys are written, or where arrows already mean something.
  const own =
    "input, textarea, select, [contenteditable=''], [contenteditable='true'], [role='slider'], " +
    "[role='combobox'], [role='listbox'], [role='radiogroup'], [role='textbox'], [role='menu'], " +
    "[role='dialog'], [role='grid']";
  return Boolean(target && target.closest && target.closest(own));
};

document.addEventListener("keydown", (event) => {
  // Some keyboards write brackets with AltGr, which counts as Ctrl and Alt.
  const isWritten = event.getModifierState && event.getModifierState("AltGraph");
  if (event.defaultPrevented || event.metaKey) return;
  if ((event.ctrlKey || event.altKey) && !isWritten) return;
  if (flhetero.takesKeys(event.target)) return;
  const found = flhetero.shortcuts.find((one) => one.key === event.key);
  // Arrows belong to whatever has the focus; they are free where nothing has it.
  if (!found || (event.key.startsWith("Arrow") && event.target !== document.body)) return;
  event.preventDefault();
  found.action(event);
});
