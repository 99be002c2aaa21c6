// Sends requests to the server one at a time, because gradio 3 drops an event that comes while its
// handler runs.

class OmostRequestSender {
    #isWaiting = false; // for a reply
    #isOutdated = false; // a request came during the wait
    #sendTimer = 0;
    #replyTimer = 0;

    /**
     * @param {() => void} send Sends a request to the server.
     * @param {number} [replyTimeout] Milliseconds after which a request without a reply is repeated:
     *     gradio may not listen yet. By default it is not repeated.
     */
    constructor(send, replyTimeout) {
        this.send = send;
        this.replyTimeout = replyTimeout;
    }

    /** @param {number} delay Milliseconds without another call before the request is sent. */
    request(delay) {
        clearTimeout(this.#sendTimer);
        this.#sendTimer = window.setTimeout(() => this.#sendNow(), delay);
    }

    /** Ends the wait for a reply; returns whether a request came meanwhile and was not sent. */
    finish() {
        clearTimeout(this.#replyTimer);
        const isOutdated = this.#isOutdated;
        this.#isWaiting = false;
        this.#isOutdated = false;
        return isOutdated;
    }

    #sendNow() {
        this.#isOutdated = this.#isWaiting;
        if (this.#isWaiting) return;
        this.#isWaiting = true;
        if (this.replyTimeout !== undefined) {
            this.#replyTimer = window.setTimeout(() => {
                this.#isWaiting = false;
                this.request(0);
            }, this.replyTimeout);
        }
        this.send();
    }
}
