// Finds the running job of the stand-alone page again after a reload. A WebUI does this itself.

const omostRunningJob = (() => {
    const STORED = "running_job";

    /** Returns the name of a new job as the input of its handler, and stores it in this tab. */
    function begin() {
        const name = [...crypto.getRandomValues(new Uint32Array(4))].join("-");
        omostStorage.saveInTab(STORED, name);
        return {job: name};
    }

    /** Returns the name of this tab's last job, "" if it has none. */
    const name = () => omostStorage.loadInTab(STORED) ?? "";

    /** Shows the last job of this tab again: its progress, or its pictures. */
    function resume() {
        if (name()) omostHostPage.find("#txt2img_resume")?.click();
    }

    return {begin, name, resume};
})();
