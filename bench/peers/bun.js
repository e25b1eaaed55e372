// Bun: who connects is in the room, and what one sends all get.
const server = Bun.serve({
    hostname: '127.0.0.1',
    port: Number(process.argv[2]),
    fetch(request, server) {
        return server.upgrade(request) ? undefined : new Response('', { status: 426 });
    },
    websocket: {
        open(socket) {
            socket.subscribe('room');
        },
        message(_socket, text) {
            server.publish('room', text);
        },
    },
});
