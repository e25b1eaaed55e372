// What the peers of Node share: a server on a free port of 127.0.0.1, with TLS where a certificate is named. It ends when
// its standard input does, so that none outlives the tests.
const fs = require("node:fs");

exports.server = (listener) => {
  const { PEER_CERT: cert, PEER_KEY: key } = process.env;
  return cert
    ? require("node:https").createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) }, listener)
    : require("node:http").createServer(listener);
};

exports.listen = (server) => {
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
  process.stdin.on("end", () => process.exit(0)).resume();
};

exports.serve = (begin) => {
  const server = exports.server();
  begin(server);
  exports.listen(server);
};
