#!/usr/bin/env bash
# Reminds a room: "!remind 10m the tea" says so, and ten minutes later says "⏰ the tea". Seconds, minutes or hours.
#   readyroom bot --server URL --token T --room lobby --plain -- ./remind.sh
# With --plain each message is a line of text, and so is each answer. What bash's echo writes goes out at once.
declare -A seconds=([s]=1 [m]=60 [h]=3600)
while IFS= read -r line; do
  if [[ $line =~ ^!remind\ ([0-9]{1,4})([smh])\ (.+)$ ]]; then
    echo "I shall say so in ${BASH_REMATCH[1]}${BASH_REMATCH[2]}."
    (sleep $((BASH_REMATCH[1] * ${seconds[${BASH_REMATCH[2]}]})); echo "⏰ ${BASH_REMATCH[3]}") &
  fi
done
