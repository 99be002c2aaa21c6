// Undo and redo without limit: one history of a tab's canvas and chat, in the order in which things
// happened, whoever did them. A state is {text, canvas, chat, selected}: the canvas box's text, the
// canvas that it holds as far as that is known, the chat as JSON, and the selected region.

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

    // Put what was before the page was loaded at the beginning; the chat has been the same since.
    begin(states, chat) {
        const since = this.past.map((state) => ({...state, chat}));
        const [first] = since, last = states.at(-1);
        const isTwice = first && last && first.text === last.text && first.chat === last.chat;
        this.past = [...states, ...since.slice(isTwice ? 1 : 0)];
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

// The chat of a page that was kept, as it was after so many of its turns.
omost.chatAfter = (chat, count) => {
    if (!count) return "";
    const kept = JSON.parse(chat);
    return count === kept.turns.length
        ? chat : JSON.stringify({...kept, turns: kept.turns.slice(0, count)});
};
