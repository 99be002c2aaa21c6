// Aligns, distributes, moves and resizes several boxes together.
//
// Each function gets boxes in canvas units and returns new ones in the same order.

const omostAlignment = (() => {
    /** @type {Record<string, (box: Box) => number>} */
    const POSITIONS = {
        left: (box) => box.left, center: (box) => (box.left + box.right) / 2,
        right: (box) => box.right,
        top: (box) => box.top, middle: (box) => (box.top + box.bottom) / 2,
        bottom: (box) => box.bottom,
    };
    const ACROSS = ["left", "center", "right"];

    /**
     * Returns the smallest box that contains all boxes.
     *
     * @param {Box[]} boxes At least one.
     * @returns {Box}
     */
    const around = (boxes) => ({
        left: Math.min(...boxes.map(({left}) => left)),
        top: Math.min(...boxes.map(({top}) => top)),
        right: Math.max(...boxes.map(({right}) => right)),
        bottom: Math.max(...boxes.map(({bottom}) => bottom)),
    });

    /**
     * @param {Box} box
     * @param {number} dx
     * @param {number} dy
     * @returns {Box}
     */
    const shifted = ({left, top, right, bottom}, dx, dy) =>
        ({left: left + dx, top: top + dy, right: right + dx, bottom: bottom + dy});

    /**
     * Moves boxes so that they share an edge or a centre line of the box around them.
     *
     * @param {Box[]} boxes
     * @param {string} position left, center, right, top, middle or bottom.
     */
    function align(boxes, position) {
        const read = POSITIONS[position], target = read(around(boxes));
        return boxes.map((box) => {
            const distance = target - read(box);
            return ACROSS.includes(position) ? shifted(box, distance, 0) : shifted(box, 0, distance);
        });
    }

    /**
     * Moves boxes so that all gaps, or all overlaps, between neighbours are equal. The outer boxes
     * stay.
     *
     * @param {Box[]} boxes
     * @param {"x" | "y"} axis
     */
    function distribute(boxes, axis) {
        const [low, middle, high] = axis === "x"
            ? [POSITIONS.left, POSITIONS.center, POSITIONS.right]
            : [POSITIONS.top, POSITIONS.middle, POSITIONS.bottom];
        const order = boxes.map((_, index) => index)
            .sort((a, b) => middle(boxes[a]) - middle(boxes[b]) || a - b);
        const first = boxes[order[0]], last = boxes[order[order.length - 1]];
        const lengths = boxes.reduce((sum, box) => sum + high(box) - low(box), 0);
        const gap = (high(last) - low(first) - lengths) / (boxes.length - 1);
        const moved = [...boxes];
        let position = low(first);
        for (const index of order) {
            const box = boxes[index], distance = position - low(box);
            moved[index] = axis === "x" ? shifted(box, distance, 0) : shifted(box, 0, distance);
            position += high(box) - low(box) + gap;
        }
        return moved;
    }

    /**
     * Gives boxes the size of the last one. Each keeps its centre, unless it would leave the picture.
     *
     * @param {Box[]} boxes
     */
    function equalize(boxes) {
        const model = boxes[boxes.length - 1];
        const width = model.right - model.left, height = model.bottom - model.top;
        return boxes.map((box) => {
            const left = within(POSITIONS.center(box) - width / 2, width);
            const top = within(POSITIONS.middle(box) - height / 2, height);
            return {left, top, right: left + width, bottom: top + height};
        });
    }

    /**
     * @param {number} start
     * @param {number} length
     */
    const within = (start, length) =>
        Math.min(Math.max(start, 0), omostServerData.units - length);

    /**
     * Scales boxes with the box around them, some sides of which become others.
     *
     * @param {Box[]} boxes
     * @param {Box} target The box around them afterwards.
     */
    function scale(boxes, target) {
        const from = around(boxes);
        const x = (target.right - target.left) / (from.right - from.left);
        const y = (target.bottom - target.top) / (from.bottom - from.top);
        return boxes.map(({left, top, right, bottom}) => ({
            left: target.left + (left - from.left) * x, right: target.left + (right - from.left) * x,
            top: target.top + (top - from.top) * y, bottom: target.top + (bottom - from.top) * y,
        }));
    }

    return {around, align, distribute, equalize, scale};
})();
