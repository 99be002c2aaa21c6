// Undo and redo without limit: the texts of a tab's canvas box, each with the canvas that it holds
// as far as that is known.

omost.History = class {
    past = [];
    future = [];
    tag = null;

    // Keep a state that is about to be replaced. Changes in a row with one tag are one step.
    record(state, tag = null) {
        if (tag === null || tag !== this.tag) this.past.push(state);
        this.future = [];
        this.tag = tag;
    }

    // Let the next change be a step of its own.
    end() {
        this.tag = null;
    }

    undo = (now) => this.#step(this.past, this.future, now);
    redo = (now) => this.#step(this.future, this.past, now);

    #step(from, to, now) {
        this.tag = null;
        if (!from.length) return null;
        to.push(now);
        return from.pop();
    }
};

// How many characters of a text are gone in another, between the beginning and the end they share.
omost.lost = (before, after) => {
    const most = Math.min(before.length, after.length);
    let start = 0, end = 0;
    while (start < most && before[start] === after[start]) start++;
    while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end++;
    return before.length - start - end;
};
