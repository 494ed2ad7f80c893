// Keeps two clones of a program in Node from drawing the same: node --require /usr/share/nodejs/sysgenid/auto.js
//
// Math.random, crypto.randomInt and crypto.randomUUID give what they have drawn in advance, and the first is seeded once
// for all. Here each draw has bytes of the kernel's generator mixed in, of which nothing is kept: nothing is left that a
// clone could have, and nothing to compare with a generation. To look at that would cost as much, since Node maps no page.
//
// crypto.randomBytes, keys and TLS are OpenSSL's, for which there is a provider: --openssl-config=/etc/ssl/sysgenid.cnf
"use strict";

const crypto = require("crypto");
const fs = require("fs");
const { syncBuiltinESMExports } = require("module");

const KERNEL = "/dev/urandom";
const { openSync, readSync, closeSync } = fs;

let kernel;
const bytes = new Uint8Array(16);
const words = new Uint32Array(bytes.buffer);

// Fills the first so many bytes. A position leaves that of another file alone, where a program has closed all numbers that
// it could think of and has something else at this one; and what comes from there is only ever mixed in.
function draw(size) {
    try {
        if (readSync(kernel, bytes, 0, size, 0) === size) return;
    } catch {
        // Closed, or a pipe or a socket by now.
    }
    const file = openSync(KERNEL, "r");
    try {
        if (readSync(file, bytes, 0, size, 0) !== size) throw new Error(`${KERNEL} gives no bytes`);
    } finally {
        closeSync(file);
    }
}

// All sums are multiples of 2 ** -53 below 1, and exact. Either one being uniform, the result is.
function addFractions(left, right) {
    const room = 1 - left;
    return right < room ? left + right : right - room;
}

function drawFraction() {
    draw(8);
    return ((words[0] >>> 5) * 2 ** 26 + (words[1] >>> 6)) / 2 ** 53;
}

// A number below the range, which is 2 ** 48 - 1 at most: each is as likely.
function drawBelow(range) {
    const limit = 2 ** 48 - (2 ** 48 % range);
    for (;;) {
        draw(8);
        const number = (words[0] >>> 16) * 2 ** 32 + words[1];
        if (number < limit) return number % range;
    }
}

function shift(number, least, range) {
    const offset = number - least;
    const added = drawBelow(range);
    return least + (added < range - offset ? offset + added : added - (range - offset));
}

const hexadecimal = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

// Version 4, as RFC 9562 has it.
function drawUUID() {
    draw(16);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let text = "";
    for (let i = 0; i < 16; i++) {
        if (i === 4 || i === 6 || i === 8 || i === 10) text += "-";
        text += hexadecimal[bytes[i]];
    }
    return text;
}

function replaceMath(random) {
    replace(Math, {
        random() {
            return addFractions(random(), drawFraction());
        },
    });
}

// The originals are called, since they know what arguments they take.
function replaceCrypto({ randomInt, randomUUID }) {
    replace(crypto, {
        randomInt(min, max, callback) {
            const hasOnlyMost = max === undefined || typeof max === "function";
            const [least, most, done] = hasOnlyMost ? [0, min, max] : [min, max, callback];
            if (done === undefined) return shift(randomInt(min, max), least, most - least);
            if (typeof done !== "function") return randomInt(min, max, callback);
            return randomInt(least, most, (error, number) => {
                if (error) done(error);
                else done(error, shift(number, least, most - least));
            });
        },
        randomUUID(options) {
            randomUUID(options);
            return drawUUID();
        },
    });
    syncBuiltinESMExports();
}

// What the standard of the web has is on the prototype, and takes no other receiver.
function replaceWebCrypto(prototype, randomUUID) {
    replace(prototype, {
        randomUUID() {
            Reflect.apply(randomUUID, this, []);
            return drawUUID();
        },
    });
}

function replace(object, functions) {
    for (const [name, value] of Object.entries(functions)) {
        Object.defineProperty(object, name, { ...Object.getOwnPropertyDescriptor(object, name), value });
    }
}

// A program that may not read the kernel's bytes, or whose Math is frozen, starts as it would without this.
try {
    kernel = openSync(KERNEL, "r");
    const web = Object.getPrototypeOf(crypto.webcrypto);
    replaceMath(Math.random);
    replaceCrypto(crypto);
    replaceWebCrypto(web, web.randomUUID);
} catch (error) {
    process.emitWarning(`random numbers are as without it: ${error.message}`, "SysGenID");
}
