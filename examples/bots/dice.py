#!/usr/bin/env python3
# Rolls dice: "!roll 2d6" is answered with "2d6: 3 + 4 = 7", as a reply to whoever asked.
#   readyroom bot --server URL --token T --room lobby -- ./dice.py
# Python keeps what it prints to a pipe in a buffer until that is full: flush=True (or `python3 -u`) sends it at once.
import json, random, re, sys

for line in sys.stdin:
    message = json.loads(line)
    if asked := re.fullmatch(r"!roll (\d{1,2})d(\d{1,3})", message["text"].strip()):
        dice = [random.randint(1, max(1, int(asked[2]))) for _ in range(max(1, int(asked[1])))]
        text = f"{asked[1]}d{asked[2]}: {' + '.join(map(str, dice))} = {sum(dice)}"
        print(json.dumps({"text": text, "room_id": message["room_id"], "reply_to": message["seq"]}), flush=True)
