#!/usr/bin/env python3
# Greets, and does not notice that its input has ended.
import sys

while True:
    line = sys.stdin.readline().strip()
    print(f"Hello {line}!", flush=True)
