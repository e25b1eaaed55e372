#!/usr/bin/env python3
# Greets whoever a line names, and ends with its input.
import sys

for line in sys.stdin:
    print(f"Hello {line.strip()}!", flush=True)
