"""`websockets` of Python, with permessage-deflate."""

import asyncio
import os
import ssl
import sys

from websockets.asyncio.server import serve


async def echo(socket):
    async for message in socket:
        if isinstance(message, str) and message.startswith("close "):
            _, code, reason = message.split(" ")
            await socket.close(int(code), reason)
        else:
            await socket.send(message)


async def main():
    tls = None
    if "PEER_CERT" in os.environ:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(os.environ["PEER_CERT"], os.environ["PEER_KEY"])
    async with serve(echo, "127.0.0.1", 0, ssl=tls, max_size=2**26) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        # Ends when its standard input does, so that none outlives the tests.
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        os._exit(0)


asyncio.run(main())
