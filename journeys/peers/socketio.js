// Socket.IO's own endpoint, `/socket.io/?EIO=4&transport=websocket`: a plain WebSocket with texts of Engine.IO, which
// greets with `0{...}` and answers a `40` with `40{...}`.
const { serve } = require("./serve.js");
const { Server } = require("socket.io");

serve((server) => {
  const io = new Server(server, { transports: ["websocket"] });
  io.on("connection", (socket) => {
    socket.on("say", (what) => socket.emit("heard", what));
    socket.on("close", () => socket.disconnect(true));
  });
});
