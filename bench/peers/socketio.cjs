// Socket.IO: who connects is in the room, and what one sends all get.
const { Server } = require('socket.io');

const io = new Server(Number(process.argv[2]), { transports: ['websocket'], serveClient: false });
io.on('connection', socket => {
    // Its documentation's advice for less memory.
    socket.conn.request = null;
    socket.on('m', text => io.emit('m', text));
});
