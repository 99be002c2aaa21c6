// Draws the small pictures of the region list's buttons.

const omostIcon = (() => {
    const SVG = "http://www.w3.org/2000/svg";

    // Paths in a square of 16 units, drawn as lines.
    /** @type {Record<string, string>} */
    const PATHS = {
        eye: "M1 8c3-5 11-5 14 0-3 5-11 5-14 0zM8 10.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z",
        eye_closed: "M1 7c3 5 11 5 14 0M3.5 10l-1.2 2M8 11v2.3M12.5 10l1.2 2",
        alone: "M8 13a5 5 0 1 0 0-10 5 5 0 0 0 0 10zM8 9.2a1.2 1.2 0 1 0 0-2.4 1.2 1.2 0 0 0 0 2.4z",
        copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
        paste: "M5 3.5h-1.5v10.5h9v-10.5h-1.5M5.5 2.5h5v2.5h-5zM5.5 8h5M5.5 11h5",
        align_left: "M2 2v12M4.5 4h9v3h-9zM4.5 9.5h5v3h-5z",
        align_center: "M8 2v12M3.5 4h9v3h-9zM5.5 9.5h5v3h-5z",
        align_right: "M14 2v12M2.5 4h9v3h-9zM6.5 9.5h5v3h-5z",
        align_top: "M2 2h12M4 4.5h3v9h-3zM9.5 4.5h3v5h-3z",
        align_middle: "M2 8h12M4 3.5h3v9h-3zM9.5 5.5h3v5h-3z",
        align_bottom: "M2 14h12M4 2.5h3v9h-3zM9.5 6.5h3v5h-3z",
        distribute_x: "M2 2v12M14 2v12M6.5 5h3v6h-3z",
        distribute_y: "M2 2h12M2 14h12M5 6.5h6v3h-6z",
        equal_size: "M2 3h5v5h-5zM9 8h5v5h-5zM9 5.5h3.5M12.5 5.5l-1.5-1.5M12.5 5.5l-1.5 1.5",
        lock: "M3.5 7.5h9v6h-9zM5.5 7.5v-2.5a2.5 2.5 0 0 1 5 0v2.5",
        lock_open: "M3.5 7.5h9v6h-9zM5.5 7.5v-3a2.5 2.5 0 0 1 4.8-.8",
    };

    /**
     * Returns a picture that follows the colour of the text around it.
     *
     * @param {string} name
     */
    return (name) => {
        const picture = document.createElementNS(SVG, "svg");
        picture.setAttribute("viewBox", "0 0 16 16");
        picture.setAttribute("aria-hidden", "true");
        picture.classList.add("omost-icon");
        const path = document.createElementNS(SVG, "path");
        path.setAttribute("d", PATHS[name]);
        picture.append(path);
        return picture;
    };
})();
