/* Questions of the page to the server, and what their panels show until the answer is there.

   Every question of Dash goes through here. One that takes long is answered with 202 and how far
   it is (web/waiting.py). Dash is told then that nothing changes, so that it goes on with the rest
   of the page; here the same is asked again until the answer is there, which Dash is given. */
flhetero.waiting = {
  COVER_MS: 150, // sooner it would flicker
  BAR_MS: 1000,
  AGAIN_MS: 300, // the server waits too
  TICK_MS: 250,
  page: Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0")).join(""),
  newest: new Map(), // outputs of a callback -> the last question for them
  asked: new Map(), // job -> promise that ends when others have to ask for it
  CANCELLED: "Cancelled. Choose again or",
  cancelled: new Map(), // job -> when
  FRAME: "..frame-url.search", // outputs of the callback that decides what is chosen
  asking: [], // what is done when the next question goes out
  plain: window.fetch.bind(window),

  fetch(input, init) {
    // A page is laid out by its own address.
    if (/\/_dash-layout(\?|$)/.test(String(input))) {
      const headers = { ...(init || {}).headers, "X-FLHetero-Path": window.location.pathname };
      return this.plain(input, { ...init, headers });
    }
    const named = init && typeof init.body === "string"
      && /\/_dash-update-component(\?|$)/.test(String(input)) && /^\{"output":"([^"]*)"/.exec(init.body);
    if (!named) return this.plain(input, init);
    const headers = { ...init.headers, "X-FLHetero-Page": this.page };
    return this.first(this.begin({ key: named[1], input, init: { ...init, headers } }));
  },

  // Call a function once the questions that are due have gone out, or after a while.
  whenAsked(act, milliseconds) {
    let isDone = false;
    const once = () => {
      if (!isDone) act();
      isDone = true;
    };
    // Those of the same turn go out together.
    this.asking.push(() => window.setTimeout(once, 0));
    window.setTimeout(once, milliseconds);
  },

  begin({ key, input, init }) {
    const question = { key, input, init, began: performance.now() };
    this.asking.splice(0).forEach((act) => act());
    if (key.startsWith(this.FRAME)) flhetero.unsent = {};
    const before = this.newest.get(key);
    this.newest.set(key, question);
    if (before) this.end(before);
    question.timer = window.setTimeout(() => this.tick(question), this.COVER_MS);
    return question;
  },

  isWanted(question) {
    return this.newest.get(question.key) === question && !question.stopped;
  },

  async first(question) {
    let response;
    try {
      response = await this.plain(question.input, question.init);
    } finally {
      if (!response || response.status !== 202) this.end(question);
    }
    if (response.status !== 202) return response;
    question.told = await response.json();
    // On its way when its computation was cancelled, it would start that again.
    if ((this.cancelled.get(question.told.job) || 0) > question.began) {
      this.stop(question, this.CANCELLED, "Compute");
      this.letGo(question);
    } else this.follow(question);
    return new Response(null, { status: 204 });
  },

  // Ask until the answer is there, and give it to Dash, unless another is wanted meanwhile.
  async follow(question) {
    while (this.isWanted(question)) {
      let got;
      try {
        got = await (question.told ? this.oneOfAll(question) : this.ask(question));
      } catch {
        this.stop(question, "The server does not answer.", "Try again");
        return;
      }
      if (!got || !this.isWanted(question)) continue;
      if (got.status === 202) {
        question.told = got.answer;
      } else if (got.status === 200 || got.status === 204) {
        this.end(question);
        const changes = { ...got.answer.sideUpdate, ...got.answer.response };
        Object.entries(changes).forEach(([id, values]) => dash_clientside.set_props(id, values));
        return;
      } else {
        this.stop(question, `The server failed (error ${got.status}).`, "Try again");
      }
    }
  },

  async ask(question) {
    question.asking = this.plain(question.input, question.init);
    const response = await question.asking;
    const hasAnswer = response.status === 200 || response.status === 202;
    return { status: response.status, answer: hasAnswer ? await response.json() : {} };
  },

  // Of all panels that wait for a job one asks for it, because a browser has few connections;
  // the others ask when that one has its answer.
  async oneOfAll(question) {
    const { job } = question.told;
    if (this.asked.has(job)) {
      await this.asked.get(job);
      return null;
    }
    let done;
    this.asked.set(job, new Promise((resolve) => { done = resolve; }));
    try {
      for (;;) {
        await new Promise((resolve) => { window.setTimeout(resolve, this.AGAIN_MS); });
        if (!this.isWanted(question)) return null;
        const got = await this.ask(question);
        if (got.status !== 202 || got.answer.job !== job) return got;
        this.waiters(job).forEach((one) => { one.told = got.answer; });
      }
    } finally {
      this.asked.delete(job);
      done();
    }
  },

  waiters(job) {
    return [...this.newest.values()].filter((one) => !one.ended && one.told && one.told.job === job);
  },

  tick(question) {
    const waited = performance.now() - question.began;
    flhetero.covers.show(question, waited < this.BAR_MS ? null : waited);
    question.timer = window.setTimeout(() => this.tick(question), this.TICK_MS);
  },

  end(question) {
    question.ended = question.stopped = true;
    window.clearTimeout(question.timer);
    flhetero.covers.clear(question);
  },

  stop(question, words, action) {
    question.stopped = true;
    window.clearTimeout(question.timer);
    flhetero.covers.stopped(question, words, action);
  },

  // All of this page that waits for the same job is cancelled with it.
  async cancel(question) {
    const { job } = question.told;
    const waiters = this.waiters(job).filter((one) => !one.stopped);
    waiters.forEach((one) => this.stop(one, this.CANCELLED, "Compute"));
    this.cancelled.set(job, performance.now());
    // A question that is on its way would start it again.
    await Promise.allSettled(waiters.map((one) => one.asking));
    await this.letGo(question);
  },

  letGo(question) {
    const job = `jobs/${question.told.job}/cancel`;
    const address = String(question.input).replace(/_dash-update-component.*$/, job);
    const headers = { "X-FLHetero-Page": this.page };
    return this.plain(address, { method: "POST", headers }).catch(() => null);
  },

  // Ask the same again, for all that was stopped with it; a new choice would have been newer.
  again(question) {
    const all = question.told ? this.waiters(question.told.job) : [question];
    all.filter((one) => one.stopped && !one.ended).forEach((one) => this.follow(this.begin(one)));
  },
};

window.fetch = (input, init) => flhetero.waiting.fetch(input, init);
