// The page is there: each tab gets its texts, and its editor, which takes the draft back before the
// chat looks whether there is one.

onUiLoaded(() => ["txt2img", "img2img"].forEach((tab) => {
    omost.translateHints(tab);
    omost.editors.mount(tab);
    omost.watchChat(tab);
    omost.watchEnter(tab);
    omost.restore(tab);
    omost.refreshPresets(tab);
    omost.results.watch(tab);
}));
