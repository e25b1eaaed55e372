"""`websockets` of Python as a client: reads a plan from its argument, follows it as talk.js does, prints what came."""

import asyncio
import json
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake


async def talk(plan):
    told = {"opened": False, "protocol": "", "extensions": "", "messages": [], "after": []}
    try:
        socket = await connect(plan["url"], subprotocols=plan["protocols"] or None, max_size=2**26, proxy=None)
    except (InvalidHandshake, OSError) as error:
        return told | {"code": 1006, "reason": "", "clean": False, "error": str(error)}
    told |= {"opened": True, "protocol": socket.subprotocol or ""}
    told["extensions"] = ", ".join(extension.name for extension in socket.protocol.extensions)
    steps, closing = list(plan["steps"]), None
    try:
        while True:
            while steps and len(told["messages"]) >= steps[0].get("hear", 0):
                step = steps.pop(0)
                if "say" in step:
                    await socket.send(step["say"])
                if "hex" in step:
                    await socket.send(bytes.fromhex(step["hex"]))
                if "close" in step:
                    # What still comes is heard meanwhile.
                    closing = asyncio.create_task(socket.close(1000))
            message = await socket.recv()
            told["after" if closing else "messages"].append(message if isinstance(message, str) else {"hex": message.hex()})
    except ConnectionClosed as closed:
        if closing:
            await closing
        # As browsers have it: 1005 for a Close without a code, 1006 for a connection without a Close.
        code, reason = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")
        return told | {"code": code, "reason": reason, "clean": closed.rcvd is not None}


print(json.dumps(asyncio.run(talk(json.loads(sys.argv[1])))))
