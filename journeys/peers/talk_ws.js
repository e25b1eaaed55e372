// `ws` as a client: reads a plan from its argument, follows it (see talk.js), prints what came as JSON.
const WebSocket = require("ws");
const { talk } = require("./talk.js");

talk(WebSocket, JSON.parse(process.argv[2])).then((told) => console.log(JSON.stringify(told)));
