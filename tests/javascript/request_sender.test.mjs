import assert from "node:assert/strict";
import test from "node:test";

import {loadScripts} from "./scripts.mjs";

/** @param {number} [replyTimeout] */
function senderOnFakeClock(replyTimeout) {
    /** @type {Map<number, {time: number, callback: () => void}>} */
    const timers = new Map();
    let now = 0;
    let lastId = 0;
    const setTimeout = (/** @type {() => void} */ callback, /** @type {number} */ delay) => {
        timers.set(++lastId, {time: now + delay, callback});
        return lastId;
    };
    const clearTimeout = (/** @type {number} */ id) => timers.delete(id);
    const Sender = loadScripts({}, {window: {setTimeout}, clearTimeout})("OmostRequestSender");
    /** @type {number[]} */
    const sent = [];
    const sender = new Sender(() => sent.push(now), replyTimeout);
    const advance = (/** @type {number} */ end) => {
        for (; now < end; now++) {
            for (const [id, {time, callback}] of timers) {
                if (time > now) continue;
                timers.delete(id);
                callback();
            }
        }
    };
    return {sender, sent, advance};
}

test("a request is sent once no other follows within its delay", () => {
    const {sender, sent, advance} = senderOnFakeClock();
    sender.request(300);
    advance(200);
    sender.request(300);
    advance(1000);
    assert.deepEqual(sent, [500]);
});

test("a request during the wait for a reply is reported at the reply instead of sent", () => {
    const {sender, sent, advance} = senderOnFakeClock();
    sender.request(0);
    advance(10);
    sender.request(0);
    advance(20);
    assert.deepEqual(sent, [0]);
    assert.equal(sender.finish(), true);
    assert.equal(sender.finish(), false);
    sender.request(0);
    advance(30);
    assert.deepEqual(sent, [0, 20]);
});

test("a request without a reply is repeated after the timeout", () => {
    const {sender, sent, advance} = senderOnFakeClock(100);
    sender.request(0);
    advance(150);
    assert.deepEqual(sent, [0, 100]);
    sender.finish();
    advance(500);
    assert.deepEqual(sent, [0, 100]);
});

test("without a timeout a request is not repeated", () => {
    const {sender, sent, advance} = senderOnFakeClock();
    sender.request(0);
    advance(10000);
    assert.deepEqual(sent, [0]);
});
