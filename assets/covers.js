/* What lies over a picture that is not there yet: a skeleton, then a bar, what is done in words and
   a way to cancel it; then a way to start it again. A picture names the output that it shows in
   `data-waits-for` (views/states.py). */
flhetero.covers = {
  pictures(question) {
    if (!question.ids) {
      question.ids = new Set(question.key.replace(/^\.\.|\.\.$/g, "").split("...")
        .map((output) => output.split(".")[0]));
    }
    // What is chosen is not known before the frame has its answer: until then nothing is.
    const all = question.ids.has("frame-url");
    return [...document.querySelectorAll("[data-waits-for]")].filter((picture) =>
      picture.offsetParent && (all ? this.isFree(picture, question)
        : question.ids.has(picture.dataset.waitsFor)));
  },

  isFree({ flheteroCover }, question) {
    return !flheteroCover || flheteroCover.flheteroQuestion === question;
  },

  // `waited` in milliseconds, or null while it is too short to be worth words.
  show(question, waited) {
    for (const picture of this.pictures(question)) {
      const cover = this.over(picture, question);
      if (waited === null) continue;
      const { words, done, total, job } = question.told
        || { words: question.ids.has("frame-url") ? "Reading the history" : "Computing" };
      const parts = this.parts(cover);
      // Only new words are read out; the seconds are for those who look.
      if (parts.words.textContent !== words) parts.words.textContent = words;
      parts.time.textContent = ` … ${Math.floor(waited / 1000)} s`;
      parts.bar.setAttribute("aria-label", words);
      if (total) {
        parts.bar.max = total;
        parts.bar.value = done;
      } else {
        parts.bar.removeAttribute("value");
      }
      parts.button.hidden = !job; // nothing else can be ended
      parts.button.title = "End this computation, for all panels that wait for it";
      this.act(parts.button, "Cancel", () => flhetero.waiting.cancel(question));
    }
  },

  stopped(question, words, action) {
    for (const picture of this.pictures(question)) {
      const cover = this.over(picture, question);
      const parts = this.parts(cover);
      const hadFocus = cover.contains(document.activeElement);
      cover.dataset.state = "stopped";
      parts.words.textContent = words;
      parts.time.textContent = "";
      parts.bar.hidden = true;
      parts.button.hidden = false;
      parts.button.title = "";
      this.act(parts.button, action, () => flhetero.waiting.again(question));
      if (hadFocus) parts.button.focus();
    }
  },

  clear(question) {
    for (const picture of document.querySelectorAll("[data-waiting]")) {
      const cover = picture.flheteroCover;
      if (cover.flheteroQuestion !== question) continue;
      this.resized.unobserve(picture);
      cover.remove();
      delete picture.flheteroCover;
      delete picture.dataset.waiting;
    }
  },

  over(picture, question) {
    if (!picture.flheteroCover) {
      const cover = flhetero.element("div", { className: "cover" });
      picture.flheteroCover = cover;
      picture.dataset.waiting = "";
      picture.after(cover);
      this.resized.observe(picture);
    }
    picture.flheteroCover.flheteroQuestion = question;
    this.place(picture);
    return picture.flheteroCover;
  },

  place(picture) {
    const { offsetLeft, offsetTop, offsetWidth, offsetHeight, flheteroCover } = picture;
    Object.assign(flheteroCover.style, {
      left: `${offsetLeft}px`, top: `${offsetTop}px`,
      width: `${offsetWidth}px`, height: `${offsetHeight}px`,
    });
  },

  parts(cover) {
    if (!cover.flheteroParts) {
      const element = flhetero.element.bind(flhetero);
      const words = element("span", { role: "status" });
      const time = element("span", { className: "time", ariaHidden: "true" });
      const bar = element("progress");
      const button = element("button", { type: "button" });
      cover.append(element("div", { className: "told" }, [element("p", {}, [words, time]), bar, button]));
      cover.flheteroParts = { words, time, bar, button };
      cover.dataset.state = "waiting";
    }
    return cover.flheteroParts;
  },

  act(button, name, action) {
    if (button.textContent !== name) button.textContent = name;
    button.onclick = action;
  },

  resized: new ResizeObserver((entries) => {
    entries.forEach(({ target }) => target.flheteroCover && flhetero.covers.place(target));
  }),
};
