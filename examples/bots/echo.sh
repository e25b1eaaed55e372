#!/bin/sh
# Says everything again: the smallest bot there is, and a way to see whether one works.
#   readyroom bot --server URL --token T --room lobby --plain -- ./echo.sh
# sed keeps lines in a buffer when it writes to a pipe; -u makes it write each at once. (grep has --line-buffered, jq
# --unbuffered, and `stdbuf -oL` helps many others.)
exec sed -u 's/^/You said: /'
