// A conversation over one WebSocket, the same for browsers and for `ws`: follows the steps of a plan, and tells what came.
// What comes after the plan has closed is told as "after": pages do not hear it.
// A step is {"say": text}, {"hex": bytes}, {"hear": n} (go on when so many messages have come in all) or {"close": true}.
const talk = (Socket, plan) =>
  new Promise((resolve) => {
    const told = { opened: false, protocol: "", extensions: "", messages: [], after: [] };
    let heard = told.messages;
    const socket = plan.protocols.length > 0 ? new Socket(plan.url, plan.protocols) : new Socket(plan.url);
    socket.binaryType = "arraybuffer";
    const steps = [...plan.steps];
    const hex = (data) => [...new Uint8Array(data)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
    const go = () => {
      while (steps.length > 0 && socket.readyState === 1) {
        const [next] = steps;
        if ("hear" in next && told.messages.length < next.hear) return;
        steps.shift();
        if ("say" in next) socket.send(next.say);
        if ("hex" in next) socket.send(bytes(next.hex));
        if ("close" in next) {
          heard = told.after;
          socket.close(1000, "");
        }
      }
    };
    socket.onopen = () => {
      Object.assign(told, { opened: true, protocol: socket.protocol, extensions: socket.extensions });
      go();
    };
    socket.onmessage = ({ data }) => {
      heard.push(typeof data === "string" ? data : { hex: hex(data) });
      go();
    };
    socket.onerror = () => {};
    socket.onclose = ({ code, reason, wasClean }) => resolve({ ...told, code, reason: String(reason), clean: wasClean });
  });
if (typeof module !== "undefined") module.exports = { talk };
