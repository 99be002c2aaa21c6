// Texts in the visitor's language. Both hosts keep a language as an object from whole texts to their
// translations, and put it to work on what is added to the page; what has values filled in, and the
// titles within what is added, they pass over.

omost.translated = (text) => window.localization?.[text] || text;

// One of the scripts' own texts (lib_omost/ui/texts.py), with its values.
omost.say = (name, values = {}) => omost.translated(omost.facts.texts[name])
    .replace(/\{(\w+)\}/g, (_, key) => String(values[key]));

// What a gradio component says besides its label. The hosts put up titles after they translate.
omost.translateHints = (tab) => {
    for (const name of ["title", "placeholder"]) {
        for (const element of gradioApp().querySelectorAll(`#omost_${tab} [${name}]`)) {
            if (element[name]) element[name] = omost.translated(element[name]);
        }
    }
};
