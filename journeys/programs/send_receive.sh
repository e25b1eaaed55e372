#!/bin/bash
# Says by itself how many lines have come since it last did, until three have.
all=0
while [ "$all" -lt 3 ]; do
  count=0
  while read -r -t 0.05 _; do count=$((count + 1)); done
  [ "$count" -gt 0 ] && echo "$count received"
  all=$((all + count))
done
