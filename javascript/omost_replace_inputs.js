// Changes the inputs of gradio's event handlers by their names.

/**
 * Changes some of the values that gradio hands to an event handler, by their names.
 *
 * @param {string[]} names The names of the handler's inputs, in order.
 * @param {unknown[]} values Their values in that order; gradio appends the outputs' values.
 * @param {(inputs: Record<string, any>) => object | Promise<object>} change Returns new values by
 *     name; other names are ignored.
 * @returns {Promise<unknown[]>} The inputs' values, in order.
 */
const omostReplaceInputs = async (names, values, change) => {
    const inputs = Object.fromEntries(names.map((name, index) => [name, values[index]]));
    const changed = {...inputs, ...await change(inputs)};
    return names.map((name) => changed[name]);
};
