/* Dialogs: open over the page, keep the focus within; the browser gives it back when they close. */
flhetero.dialog = {
  // Whether it was opened; `closed` is called when it closes, in whatever way.
  open(dialog, closed) {
    if (!dialog || dialog.open) return false;
    dialog.flheteroClosed = closed;
    if (!dialog.flheteroWatched) {
      dialog.flheteroWatched = true;
      // Also after Escape, which the browser itself handles.
      dialog.addEventListener("close", () => {
        if (dialog.flheteroClosed) dialog.flheteroClosed();
      });
      // Before a table within sees the key: its cells would each take one press of Tab.
      dialog.addEventListener("keydown", (event) => this.trap(dialog, event), true);
    }
    dialog.showModal();
    return true;
  },

  close(dialogId) {
    document.getElementById(dialogId).close();
  },

  // A modal dialog keeps the page out of reach, but not the browser's own controls.
  trap(dialog, event) {
    const table = event.target.closest(".ag-root-wrapper");
    if (event.key !== "Tab" || (table && !event.target.closest(".ag-cell"))) return;
    const stops = [...dialog.querySelectorAll("button, input, [tabindex]")].filter(
      (one) => one.tabIndex >= 0 && !one.disabled && one.offsetParent !== null &&
        !(table && table.contains(one)),
    );
    if (!stops.length) return;
    const at = stops.indexOf(document.activeElement) + (event.shiftKey ? -1 : 1);
    if (at >= 0 && at < stops.length && !table) return;
    event.preventDefault();
    event.stopPropagation();
    stops[table ? this.beside(stops, table, event.shiftKey) : at < 0 ? stops.length - 1 : 0].focus();
  },

  // The stop after or before a table, around the dialog's ends.
  beside(stops, table, isBack) {
    const after = stops.findIndex((one) =>
      table.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
    const next = after < 0 ? stops.length : after;
    return (isBack ? next - 1 + stops.length : next) % stops.length;
  },
};
