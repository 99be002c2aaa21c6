// Stores the undo and redo history of a tab, without a limit.
//
// One history covers the canvas and the chat, in the order of the changes, whoever made them.

/**
 * @typedef {object} EditorState
 * @property {string} text The text of the canvas box.
 * @property {Canvas | null | undefined} canvas The canvas that the text holds, null for none,
 *     undefined if the server has not read it yet.
 * @property {string} chat The conversation as JSON.
 * @property {number[]} selection The indices of the selected regions.
 * @property {string} [picture] The address of the last picture, if the step replaced it.
 */

class OmostEditHistory {
    /** @type {EditorState[]} */
    past = [];
    /** @type {EditorState[]} */
    future = [];
    /** @type {string | null} */
    tag = null;

    /**
     * Stores a state that is about to be replaced. Successive changes with one tag are one step.
     *
     * @param {EditorState} state
     * @param {string | null} tag
     */
    record(state, tag = null) {
        if (tag === null || tag !== this.tag) this.past.push(state);
        this.future = [];
        this.tag = tag;
    }

    /** Makes the next change a step of its own. */
    endStep() {
        this.tag = null;
    }

    /**
     * Puts the states before the page was loaded at the beginning. The chat has not changed since.
     *
     * @param {EditorState[]} states
     * @param {string} chat
     */
    prepend(states, chat) {
        const since = this.past.map((state) => ({...state, chat}));
        const [first] = since, last = states.at(-1);
        const isRepeated = first?.text === last?.text && first?.chat === last?.chat;
        this.past = [...states, ...since.slice(isRepeated ? 1 : 0)];
    }

    /**
     * Returns the state before the present one, null if there is none.
     *
     * @param {EditorState} present With the last picture.
     */
    undo(present) {
        return this.#step(this.past, this.future, present);
    }

    /**
     * Returns the state that an undo left, null if there is none.
     *
     * @param {EditorState} present With the last picture.
     */
    redo(present) {
        return this.#step(this.future, this.past, present);
    }

    /**
     * @param {EditorState[]} from
     * @param {EditorState[]} to
     * @param {EditorState} present
     */
    #step(from, to, present) {
        this.tag = null;
        const state = from.pop();
        if (!state) return null;
        const {picture, ...others} = present;
        to.push(state.picture ? present : others);
        return state;
    }

    /**
     * Returns how many characters of a text another text replaces, between the beginning and the end
     * that both share.
     *
     * @param {string} before
     * @param {string} after
     */
    static countReplaced(before, after) {
        const shortest = Math.min(before.length, after.length);
        let start = 0, end = 0;
        while (start < shortest && before[start] === after[start]) start++;
        while (end < shortest - start && before.at(-1 - end) === after.at(-1 - end)) end++;
        return before.length - start - end;
    }
}
