// Starts all scripts once the WebUI has built its page.
//
// The editor comes first: it restores the draft of the canvas, and the restoring of the chat
// depends on whether a canvas exists. A WebUI where Omost does not work has only the panel About.

onUiLoaded(() => {
    ["txt2img", "img2img"].forEach((tab) => {
        omostPanels.refreshWhenOpened(tab, "about", "about_refresh");
        omostTexts.translateHints(tab);
        omostAccessibility.mend(omostHostPage.accordion(tab));
        omostAccessibility.watch(omostHostPage.element(tab, "compose"));
        omostEditors.mount(tab);
        omostWorkplace.mount(tab);
        omostGeneration.listen(tab);
        omostTouchHints.listen(omostHostPage.accordion(tab));
        omostChatScroll.watch(tab);
        omostChatThinking.watch(tab);
        omostChat.guardEnterKey(tab);
        omostChat.requestRestore(tab);
        // Others may have saved presets since.
        omostPanels.refreshWhenOpened(tab, "presets", "preset_refresh");
        omostJobResults.watch(tab);
    });
    omostAdvanced.render();
});
