#!/bin/sh
# Stand-in for the image's entry point: runs a command that exists, as the unprivileged user; any other
# command (gateway run, dashboard) stands for a main program that just stays.
if [ $# = 0 ] || ! command -v -- "$1" >/dev/null; then
  set -- sleep infinity
fi
[ "$(id -u)" != 0 ] || set -- s6-setuidgid hermes "$@"
exec "$@"
