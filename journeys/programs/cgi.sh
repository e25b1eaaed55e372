#!/bin/sh
# A page of what was asked for.
echo "Content-Type: text/plain"
echo
echo "$REQUEST_METHOD $REQUEST_URI"
