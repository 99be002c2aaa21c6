// Holds the vocabulary, limits, defaults and texts that the server sends to the scripts.
//
// lib_omost/ui/script_data.py writes them into the element of the region editor.

/**
 * @typedef {object} ServerData
 * @property {number} units Canvas units along each side of the picture.
 * @property {Record<string, [number, number]>} locations Location name to centre (x, y), in units.
 * @property {Record<string, [number, number]>} offsets Offset name to (dx, dy), in units.
 * @property {Record<string, [number, number]>} areas Area name to (width, height), in units.
 * @property {number} offset_step Units by which an offset moves a box.
 * @property {Record<string, RgbColor>} colors HTML colour name to (r, g, b), each 0 to 255.
 * @property {Canvas} empty_canvas A canvas without texts and regions, as JSON.
 * @property {RegionFields} new_region A region's fields with their defaults, without a placement.
 * @property {string[]} global_arguments Arguments of set_global_description, in order.
 * @property {string[]} region_arguments Arguments of add_local_description, in order.
 * @property {string} syntax_argument The argument of both that canvas code may leave out.
 * @property {Record<string, string>} setting_defaults Settings that the texts' encoding depends on.
 * @property {string} every_region Value of prompt_role that adds the prompt to every region.
 * @property {string} prompt_ignored Value of prompt_role that ignores the prompt.
 * @property {string} canvas_from_prompt Value of canvas_source that ignores the page's canvas.
 * @property {string[]} stored_inputs Inputs of the chat that the browser stores.
 * @property {number} max_file_bytes Size of the largest file that can be imported.
 * @property {Record<string, string>} texts Texts of the page by their names.
 * @property {[string, string][]} help_symptoms What is wrong with a picture, and what to change.
 * @property {[string, string][]} help_keys Keys and their effects.
 * @property {string} no_canvas Sentence with which a job ends that has no canvas.
 */

const omostServerData = /** @type {ServerData} */ ({});
