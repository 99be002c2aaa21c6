// Drafts: what stood in a box last, kept by the browser for after a reload or a crash.

omost.draft = (() => {
    const key = (name) => `omost_${name}`;

    // A browser may forbid its storage, or have no room left in it.
    function keep(name, text) {
        try {
            localStorage.setItem(key(name), text);
        } catch (error) {
            console.warn("Omost: the browser does not keep a draft:", error.message);
        }
    }

    function kept(name) {
        try {
            return localStorage.getItem(key(name)) ?? "";
        } catch (error) {
            console.warn("Omost: what the browser kept cannot be read:", error.message);
            return "";
        }
    }

    return {keep, kept};
})();
