/* What of a page cannot be read: text that is cut, leaves its box, or lies on other text. */
() => {
  const SLACK = 1.5; // pixels: boxes of letters are larger than their ink
  const problems = [];
  const say = (what, element, words) => {
    const place = element.closest("[id], .half, .panel");
    const where = place ? place.id || place.className : element.tagName;
    problems.push(`${what}: "${words.trim().slice(0, 40)}" in ${where}`);
  };
  // Not for eyes: what assistive technology reads, and what is shown on demand.
  const HIDDEN = ".skip, .heard, .matrix-grid, .tools, .hoverlayer, [hidden], dialog:not([open]), .ag-root";
  const isSeen = (element) =>
    !element.closest(HIDDEN) && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });

  const clipOf = (element, rect) => {
    for (let box = element; box && box !== document.body; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (style.overflowX === "visible") continue;
      const frame = box.getBoundingClientRect();
      if (rect.right > frame.right + SLACK || rect.left < frame.left - SLACK) return "cut";
      if (rect.bottom <= frame.bottom + SLACK && rect.top >= frame.top - SLACK) continue;
      // What scrolls up and down is there to be scrolled; what is merely hidden is lost.
      return style.overflowY === "auto" || style.overflowY === "scroll" ? "scrolled" : "cut";
    }
    return "";
  };

  const shown = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || element.closest("script, style, noscript") || !isSeen(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const rects = [...range.getClientRects()].filter((rect) => rect.width && rect.height);
    if (!rects.length) continue;
    let state = "";
    for (const rect of rects) state = clipOf(element, rect) || state;
    if (state === "cut") say("cut", element, node.data);
    const svg = element.ownerSVGElement && element.closest(".js-plotly-plot");
    if (svg) {
      const frame = svg.getBoundingClientRect();
      const leaves = rects.some((rect) => rect.right > frame.right + SLACK || rect.left < frame.left - SLACK
        || rect.bottom > frame.bottom + SLACK || rect.top < frame.top - SLACK);
      if (leaves) say("outside of its chart", element, node.data);
    } else if (element.scrollWidth > element.clientWidth + 1
      && getComputedStyle(element).textOverflow === "ellipsis") {
      say("shortened", element, node.data);
    }
    const right = Math.max(...rects.map((rect) => rect.right));
    if (right > innerWidth + SLACK) say("beyond the window", element, node.data);
    const box = element.closest(".half, .panel");
    if (box && right > box.getBoundingClientRect().right + SLACK) say("beyond its panel", element, node.data);
    if (state !== "scrolled") shown.push({ element, words: node.data, rects });
  }
  for (const field of document.querySelectorAll("input")) {
    if (isSeen(field) && field.scrollWidth > field.clientWidth + 1) say("cut", field, field.value);
  }
  const overlap = (a, b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > SLACK
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
  shown.forEach((one, at) => {
    for (const other of shown.slice(at + 1)) {
      if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
      if (one.rects.some((a) => other.rects.some((b) => overlap(a, b)))) {
        say(`lies on "${other.words.trim().slice(0, 30)}"`, one.element, one.words);
      }
    }
  });
  if (document.documentElement.scrollWidth > innerWidth) problems.push("the page scrolls sideways");
  return problems;
}
