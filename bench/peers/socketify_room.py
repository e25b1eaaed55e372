# socketify (µWebSockets for Python): who connects is in the room, and what one sends all get.
import sys

from socketify import App, AppListenOptions, OpCode


def opened(ws):
    ws.subscribe("room")


def said(ws, text, opcode):
    app.publish("room", text, OpCode.TEXT)


app = App()
app.ws("/*", {"open": opened, "message": said, "idle_timeout": 120})
app.listen(AppListenOptions(port=int(sys.argv[1]), host="127.0.0.1"), lambda _config: None)
app.run()
