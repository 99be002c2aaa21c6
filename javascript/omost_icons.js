// Draws the small pictures of the region list's buttons.

const omostIcon = (() => {
    const SVG = "http://www.w3.org/2000/svg";

    // Paths in a square of 16 units, drawn as lines.
    /** @type {Record<string, string>} */
    const PATHS = {
        eye: "M1 8c3-5 11-5 14 0-3 5-11 5-14 0zM8 10.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z",
        eye_closed: "M1 7c3 5 11 5 14 0M3.5 10l-1.2 2M8 11v2.3M12.5 10l1.2 2",
        alone: "M8 13a5 5 0 1 0 0-10 5 5 0 0 0 0 10zM8 9.2a1.2 1.2 0 1 0 0-2.4 1.2 1.2 0 0 0 0 2.4z",
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
