// Starts all scripts once the WebUI has built its page.
//
// The editor comes first: it restores the draft of the canvas, and the restoring of the chat
// depends on whether a canvas exists.

onUiLoaded(() => ["txt2img", "img2img"].forEach((tab) => {
    omostTexts.translateHints(tab);
    omostEditors.mount(tab);
    omostChatScroll.watch(tab);
    omostChatThinking.watch(tab);
    omostChat.guardEnterKey(tab);
    omostChat.requestRestore(tab);
    omostPresets.refreshWhenOpened(tab);
    omostJobResults.watch(tab);
}));
