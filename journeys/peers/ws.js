// `ws`, the usual server of Node, with permessage-deflate. Prints its port. See README.md for what every peer does.
const { serve } = require("./serve.js");
const { WebSocketServer } = require("ws");

serve((server) => {
  const sockets = new WebSocketServer({ server, perMessageDeflate: { threshold: 0 } });
  sockets.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => {
      const text = isBinary ? "" : data.toString();
      const [word, code, reason] = text.split(" ");
      if (word === "close") socket.close(Number(code), reason);
      else if (word === "flood") flood(socket, Number(code), Number(reason));
      else if (word === "cut") socket.terminate();
      else socket.send(data, { binary: isBinary });
    });
  });
});

/** Sends numbered texts at a steady rate for some seconds, as many as are due at each turn. */
function flood(socket, rate, seconds) {
  const start = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(rate * seconds, Math.floor(((performance.now() - start) / 1000) * rate));
    while (sent < due) socket.send(String(sent++));
    if (sent === rate * seconds) {
      clearInterval(timer);
      socket.close(1000, "flooded");
    }
  }, 2);
}
