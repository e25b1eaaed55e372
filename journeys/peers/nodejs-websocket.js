// `nodejs-websocket`: an implementation of its own, with streams for bytes.
const fs = require("node:fs");
const ws = require("nodejs-websocket");

const { PEER_CERT: cert, PEER_KEY: key } = process.env;
const options = cert ? { secure: true, cert: fs.readFileSync(cert), key: fs.readFileSync(key) } : {};
const server = ws.createServer(options, (connection) => {
  connection.on("text", (text) => {
    const [word, code, reason] = text.split(" ");
    if (word === "close") connection.close(Number(code), reason);
    else connection.sendText(text);
  });
  connection.on("binary", (stream) => {
    const parts = [];
    stream.on("data", (part) => parts.push(part));
    stream.on("end", () => connection.sendBinary(Buffer.concat(parts)));
  });
  connection.on("error", () => {});
});
server.listen(0, "127.0.0.1", () => console.log(server.socket.address().port));
process.stdin.on("end", () => process.exit(0)).resume();
