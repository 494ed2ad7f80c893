// What the tests run: draws once, and has two copies of itself draw, each when a line comes. Each draw is a line.
"use strict";

const crypto = require("crypto");
const fs = require("fs");
const { copy, leave } = require(process.argv[2]);
const draws = {
    random: () => [Math.random(), Math.random()],
    integer: () => [1, 2, 3].map(() => crypto.randomInt(2 ** 48 - 1)),
    uuid: () => [crypto.randomUUID(), crypto.webcrypto.randomUUID()],
    bytes: () => [crypto.randomBytes(16).toString("hex")],
};
const draw = draws[process.argv[3]];
const say = () => fs.writeSync(1, `1 ${draw().join(",")}\n`);

// A byte at a time, so that the copies get one each.
function waitForLine() {
    const byte = Buffer.alloc(1);
    while (fs.readSync(0, byte) === 1 && byte[0] !== 10);
}

// The second draw has what the first one may have left in a cache, and compiles nothing.
if (copy()) {
    draw();
    say();
    for (let i = 0; i < 2; i++) {
        if (copy()) {
            waitForLine();
            say();
            leave();
        }
    }
    leave();
}
