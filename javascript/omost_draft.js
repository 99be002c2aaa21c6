// The draft: what stood in a tab's canvas box last, kept by the browser for after a reload or a
// crash.

omost.draft = (() => {
    const key = (tab) => `omost_${tab}_canvas`;

    // A browser may forbid its storage, or have no room left in it.
    function keep(tab, text) {
        try {
            localStorage.setItem(key(tab), text);
        } catch (error) {
            console.warn("Omost: the browser does not keep the canvas:", error.message);
        }
    }

    function kept(tab) {
        try {
            return localStorage.getItem(key(tab)) ?? "";
        } catch (error) {
            console.warn("Omost: what the browser kept cannot be read:", error.message);
            return "";
        }
    }

    return {keep, kept};
})();
