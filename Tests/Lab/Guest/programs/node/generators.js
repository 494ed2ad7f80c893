// Prints for each line that it reads a token of each of these generators, in the order that they were named in.
//
//   generators.js NAME...

const { randomBytes, randomUUID } = require("crypto");
const generators = {
  "node-randombytes": () => randomBytes(16).toString("hex"),
  "node-randomuuid": () => randomUUID().replaceAll("-", ""),
  "node-math-random": () => [1, 2, 3, 4].map(() => Math.floor(Math.random() * 2 ** 32).toString(16).padStart(8, "0")).join(""),
};
const chosen = process.argv.slice(2).map((name) => generators[name]);
const draw = () => chosen.map((generator) => generator()).join(" ");

// What is seeded once is seeded before the snapshot.
draw();
console.log("ready");
require("readline").createInterface({ input: process.stdin }).on("line", () => console.log(draw()));
