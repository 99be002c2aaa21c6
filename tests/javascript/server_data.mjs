// The server's data of a small vocabulary, enough for the unit tests.

export const SERVER_DATA = {
    units: 90,
    locations: {"in the center": [45, 45], "on the left": [15, 45], "on the top-right": [75, 15]},
    offsets: {"no offset": [0, 0], "slightly to the right": [10, 0]},
    areas: {
        "a small square area": [50, 50],
        "a medium-sized square area": [60, 60],
        "a medium-sized vertical area": [50, 80],
        "a large square area": [70, 70],
    },
    offset_step: 10,
    colors: {
        aqua: [0, 255, 255], cyan: [0, 255, 255], tomato: [255, 99, 71], gold: [255, 215, 0],
        red: [255, 0, 0], navy: [0, 0, 128], skyblue: [135, 206, 235], black: [0, 0, 0],
    },
    empty_canvas: {
        omost_canvas: 1, description: "", detailed_descriptions: [], tags: "",
        color: [128, 128, 128], regions: [],
    },
    new_region: {
        distance_to_viewer: 1, description: "", detailed_descriptions: [], tags: "",
        color: [128, 128, 128], atmosphere: "", style: "", quality_meta: "",
    },
    global_arguments: ["description", "detailed_descriptions", "tags", "HTML_web_color_name"],
    region_arguments: ["location", "offset", "area", "distance_to_viewer", "description",
        "detailed_descriptions", "tags", "atmosphere", "style", "quality_meta",
        "HTML_web_color_name"],
    syntax_argument: "syntax",
    stored_inputs: ["chat", "request"],
    max_file_bytes: 100,
    texts: {free: "free box", greeting: "{count} regions", taken_back: "Undone."},
};

export const CENTER = {
    location: "in the center", offset: "no offset", area: "a small square area",
};

/**
 * Returns a region in the centre of the picture.
 *
 * @param {object} fields Replace the defaults.
 */
export const regionWith = (fields = {}) => (
    {...CENTER, ...SERVER_DATA.new_region, color: SERVER_DATA.colors.gold, ...fields});

/**
 * Returns a canvas with these regions.
 *
 * @param {object[]} regions
 */
export const canvasOf = (...regions) => (
    {...SERVER_DATA.empty_canvas, color: SERVER_DATA.colors.navy, regions});
