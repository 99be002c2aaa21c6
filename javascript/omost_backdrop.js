// Shows the colours, a picture or the running preview behind the boxes.

class OmostBackdrop {
    pictures = ""; // the addresses of the gallery's pictures at the last reading
    galleryPicture = ""; // the address of the gallery's picture at the last reading
    lastPicture = ""; // the gallery's picture, or the one that undo or redo put in its place
    ownPicture = ""; // the address of a picture that the visitor chose or dropped

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
        const isImg2img = tab === "img2img";
        this.choice = create("select", {onchange: () => this.#choose()},
            ...["colors", "picture", ...(isImg2img ? ["source"] : []), "own", "none"].map((name) =>
                create("option", {value: name}, omostTexts.format(`backdrop_${name}`))));
        this.opacity = create("input", {
            type: "range", min: 0, max: 100, value: 100, oninput: () => this.render(),
        });
        stage.prepend(this.ground, this.picture, this.preview);
        stage.addEventListener("dragover", (event) => this.#handleDrop(event));
        stage.addEventListener("drop", (event) => this.#handleDrop(event));
        this.render();
    }

    /** Asks for a picture if it is to be the visitor's own. */
    async #choose() {
        this.render();
        if (this.choice.value === "own") this.#setOwnPicture(await omostFiles.choosePicture());
    }

    /** @param {DragEvent} event */
    #handleDrop(event) {
        const files = event.dataTransfer;
        if (!files?.types.includes("Files")) return;
        event.preventDefault();
        event.stopPropagation(); // the host would open the picture elsewhere
        const picture = [...files.files].find(({type}) => type.startsWith("image/"));
        if (picture) this.#setOwnPicture(picture);
    }

    /** @param {File} file */
    #setOwnPicture(file) {
        URL.revokeObjectURL(this.ownPicture);
        this.ownPicture = URL.createObjectURL(file);
        this.choice.value = "own";
        this.render();
    }

    /** The address of the chosen picture, "" if there is none. */
    get #source() {
        const {value} = this.choice;
        if (value === "own") return this.ownPicture;
        if (value === "source") return omostHostPage.img2imgPicture();
        return value === "picture" ? this.lastPicture : "";
    }

    /** Follows the gallery when it shows another picture; an empty one changes nothing. */
    #followGallery() {
        const shown = omostHostPage.lastPicture(this.tab);
        if (!shown || shown === this.galleryPicture) return;
        this.galleryPicture = shown;
        this.lastPicture = shown;
    }

    /**
     * Makes a former picture the last one, until the gallery shows another.
     *
     * @param {string} picture Its address.
     */
    restore(picture) {
        this.#followGallery();
        this.lastPicture = picture;
        this.choice.value = "picture";
        this.render();
    }

    render() {
        this.#followGallery();
        const source = this.#source;
        if (source && this.picture.src !== source) this.picture.src = source;
        this.picture.hidden = !source;
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
