#!/usr/bin/env node
// Answers each piece of its input as it comes, whatever lines it holds.
process.stdin.setEncoding("utf8");
process.stdin.on("data", (piece) => process.stdout.write(`data: ${piece}`));
