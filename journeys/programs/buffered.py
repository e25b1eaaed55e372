#!/usr/bin/env python3
# Answers each line, and leaves it to the system when that is written: at once to a terminal, at the end to a pipe.
import sys

for line in sys.stdin:
    print(f"Heard {line.strip()}")
