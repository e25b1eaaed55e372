#!/bin/sh
# Counts to ten, and ends.
for n in 1 2 3 4 5 6 7 8 9 10; do echo "$n"; done
