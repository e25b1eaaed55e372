// ws: who connects is in the room, and what one sends all get.
const { WebSocketServer } = require('ws');

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]) });
server.on('connection', socket => {
    socket.on('error', () => {});
    socket.on('message', data => {
        const text = data.toString();
        for (const client of server.clients) {
            client.send(text);
        }
    });
});
