#!/bin/sh
# Its last line has no end, and it fails.
printf 'one\ntwo'
exit 3
