#!/usr/bin/env node
// Counts thanks: "coffee++" and "mondays--" are counted, "!karma" tells the three that are liked best. Forgets when it ends.
//   readyroom bot --server URL --token T --room lobby -- ./karma.js
// console.log writes to a pipe at once; nothing has to be flushed.
const karma = new Map();
const best = () => [...karma].sort((a, b) => b[1] - a[1]).slice(0, 3).map(([what, n]) => `${what}: ${n}`).join(", ");
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { text, room_id } = JSON.parse(line);
  const [, what, sign] = text.match(/^(\S{1,32})(\+\+|--)$/) ?? [];
  if (what) karma.set(what, (karma.get(what) ?? 0) + (sign === "++" ? 1 : -1));
  const answer = what ? `${what}: ${karma.get(what)}` : text === "!karma" && (best() || "Nobody has been thanked yet.");
  if (answer) console.log(JSON.stringify({ text: answer, room_id }));
});
