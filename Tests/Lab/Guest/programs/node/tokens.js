// Prints a token for each line that it reads, from the generator of Node's crypto, and looks at nothing.

const { randomBytes } = require("crypto");
const lines = require("readline").createInterface({ input: process.stdin });

// What is seeded once is seeded before the snapshot.
randomBytes(16);
console.log("ready");
lines.on("line", () => console.log(randomBytes(16).toString("hex")));
