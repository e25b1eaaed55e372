#!/bin/sh
# Its environment, sorted, without what the shell adds.
env | LC_ALL=C grep -v -e '^PWD=' -e '^OLDPWD=' -e '^SHLVL=' -e '^_=' | LC_ALL=C sort
