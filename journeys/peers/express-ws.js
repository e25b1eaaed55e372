// `express-ws`: a WebSocket as a route of Express.
const { server, listen } = require("./serve.js");
const express = require("express");

const app = express();
const http = server(app);
require("express-ws")(app, http);
app.ws("/", (socket) => {
  socket.on("message", (data) => {
    const [word, code, reason] = String(data).split(" ");
    if (word === "close") socket.close(Number(code), reason);
    else socket.send(data);
  });
});
listen(http);
