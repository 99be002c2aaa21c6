// Shows the colours, the last picture or the running preview behind the boxes.

class OmostBackdrop {
    pictures = ""; // the addresses of the gallery's pictures at the last reading

    /**
     * @param {string} tab
     * @param {HTMLElement} stage The picture area.
     */
    constructor(tab, stage) {
        const create = omostCreateElement;
        this.tab = tab;
        this.stage = stage;
        this.ground = create("div", {class: "omost-ground"});
        this.picture = create("img", {class: "omost-backdrop", alt: ""});
        this.preview = create("img", {class: "omost-preview", alt: "", hidden: true});
        this.choice = create("select", {onchange: () => this.render()},
            ...["colors", "picture", "none"].map((name) =>
                create("option", {value: name}, omostTexts.format(`backdrop_${name}`))));
        this.opacity = create("input", {
            type: "range", min: 0, max: 100, value: 100, oninput: () => this.render(),
        });
        stage.prepend(this.ground, this.picture, this.preview);
        this.render();
    }

    render() {
        const isPicture = this.choice.value === "picture";
        const source = isPicture ? omostHostPage.lastPicture(this.tab) : "";
        if (source && this.picture.src !== source) this.picture.src = source;
        this.picture.hidden = !isPicture || !this.picture.src;
        this.stage.dataset.backdrop = this.preview.hidden ? this.choice.value : "picture";
        this.stage.style.setProperty("--opacity", String(Number(this.opacity.value) / 100));
    }

    /** Shows new pictures of the gallery and the preview, which send no events. */
    update() {
        const pictures = omostHostPage.pictures(this.tab).join("\n");
        const isNew = pictures !== this.pictures && pictures !== "";
        this.pictures = pictures;
        if (isNew && this.choice.value === "colors") this.choice.value = "picture";
        this.#updatePreview(isNew);
        this.render();
    }

    /** @param {boolean} isFinished A new picture takes the place of its preview. */
    #updatePreview(isFinished) {
        const source = omostHostPage.livePreview(this.tab);
        if (source && this.preview.src !== source) this.preview.src = source;
        // A host removes its preview shortly before it shows the picture.
        const isOver = isFinished || !omostHostPage.isPainting(this.tab);
        this.preview.hidden = !source && (isOver || this.preview.hidden);
    }
}
