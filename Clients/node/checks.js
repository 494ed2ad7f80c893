// What the tests run with auto.js: all that a program may notice of it. Says how many checks there were.
"use strict";

const assert = require("assert");
const crypto = require("crypto");
const fs = require("fs");
const vm = require("vm");
const { Worker } = require("worker_threads");

const usual = vm.runInNewContext("Math");
const isReplaced = (random) => random.toString() !== usual.random.toString();
// Lies far outside what chance does, ten standard deviations.
const BINS = 16, DRAWS = 64000, MOST_OFF = 620;

function spreadEvenly(draw) {
    const counts = new Array(BINS).fill(0);
    for (let i = 0; i < DRAWS; i++) counts[draw()]++;
    assert(counts.every((count) => Math.abs(count - DRAWS / BINS) < MOST_OFF), counts.join(" "));
}

function descriptorOfKernel() {
    return Number(fs.readdirSync("/proc/self/fd").find((number) => {
        try {
            return fs.readlinkSync(`/proc/self/fd/${number}`) === "/dev/urandom";
        } catch {
            return false;
        }
    }));
}

const checks = {
    looksAsBefore() {
        assert(isReplaced(Math.random));
        const [ours, theirs] = [Math, usual].map((math) => Object.getOwnPropertyDescriptor(math, "random"));
        assert.deepStrictEqual({ ...ours, value: 0 }, { ...theirs, value: 0 });
        for (const [value, name, length] of [
            [Math.random, "random", 0], [crypto.randomInt, "randomInt", 3], [crypto.randomUUID, "randomUUID", 1],
            [crypto.webcrypto.randomUUID, "randomUUID", 0],
        ]) {
            assert.strictEqual(value.name, name);
            assert.strictEqual(value.length, length);
        }
    },
    fractionsAreSpreadEvenly() {
        const smallest = 2 ** 53;
        spreadEvenly(() => {
            const number = Math.random();
            assert(number >= 0 && number < 1 && Number.isInteger(number * smallest));
            return Math.floor(number * BINS);
        });
        // The lowest bits as well.
        spreadEvenly(() => (Math.random() * smallest) % BINS);
    },
    integersAreSpreadEvenly() {
        spreadEvenly(() => crypto.randomInt(BINS));
        spreadEvenly(() => crypto.randomInt(-3, BINS - 3) + 3);
        // A range into which 2 ** 48 does not go: two thirds of it.
        const third = 2 ** 46;
        const lower = Array.from({ length: 3000 }, () => crypto.randomInt(3 * third)).filter((number) => number < third);
        assert(Math.abs(lower.length - 1000) < 260, `${lower.length}`);
        assert.strictEqual(crypto.randomInt(1), 0);
        assert.strictEqual(crypto.randomInt(Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER) + 1, 2 ** 53 - 1);
    },
    wrongArgumentsAreRefusedAsBefore() {
        for (const [words, code] of [
            [[0], "ERR_OUT_OF_RANGE"], [[1, 1], "ERR_OUT_OF_RANGE"], [[0, 2 ** 49], "ERR_OUT_OF_RANGE"],
            [["1"], "ERR_INVALID_ARG_TYPE"], [[1.5, 3], "ERR_INVALID_ARG_TYPE"], [[], "ERR_INVALID_ARG_TYPE"],
            [[1, 2, 3], "ERR_INVALID_ARG_TYPE"],
        ]) assert.throws(() => crypto.randomInt(...words), { code });
        assert.throws(() => crypto.randomUUID(1), { code: "ERR_INVALID_ARG_TYPE" });
        assert.throws(() => crypto.randomUUID({ disableEntropyCache: 1 }), { code: "ERR_INVALID_ARG_TYPE" });
        assert.throws(() => crypto.webcrypto.randomUUID.call({}), { code: "ERR_INVALID_THIS" });
    },
    identifiersAreOfVersion4() {
        const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
        const drawn = new Set();
        for (let i = 0; i < 1000; i++) {
            drawn.add(crypto.randomUUID()).add(crypto.randomUUID({ disableEntropyCache: true }));
            drawn.add(crypto.webcrypto.randomUUID());
        }
        assert.strictEqual(drawn.size, 3000);
        for (const identifier of drawn) assert.match(identifier, form);
    },
    async callbacksAreCalled() {
        const { promisify } = require("util");
        assert([7, 8].includes(await promisify(crypto.randomInt)(7, 9)));
        assert([0, 1, 2].includes(await promisify(crypto.randomInt)(3)));
    },
    async modulesOfTheStandardHaveItToo() {
        const { randomUUID, randomInt } = await import("node:crypto");
        assert.strictEqual(randomUUID, crypto.randomUUID);
        assert.strictEqual(randomInt, crypto.randomInt);
    },
    async threadsHaveItToo() {
        const worker = new Worker(
            "require('worker_threads').parentPort.postMessage([Math.random.toString(), Math.random()])", { eval: true });
        const [text, number] = await new Promise((resolve, reject) => {
            worker.once("message", resolve).once("error", reject);
        });
        assert.strictEqual(text, Math.random.toString());
        assert.notStrictEqual(number, Math.random());
    },
    anotherFileAtItsNumberIsLeftAlone() {
        const descriptor = descriptorOfKernel();
        fs.closeSync(descriptor);
        assert.notStrictEqual(Math.random(), Math.random());
        const path = process.argv[2];
        fs.writeFileSync(path, "0123456789012345");
        assert.strictEqual(fs.openSync(path), descriptor);
        for (const draw of [Math.random, () => crypto.randomInt(2 ** 40)]) assert.notStrictEqual(draw(), draw());
        assert.strictEqual(fs.readFileSync(descriptor, "utf8"), "0123456789012345");
    },
};

(async () => {
    for (const [name, check] of Object.entries(checks)) {
        try {
            await check();
        } catch (error) {
            console.error(name, error);
            process.exitCode = 1;
        }
    }
    console.log(`${Object.keys(checks).length} checks`);
})();
