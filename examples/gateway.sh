#!/bin/sh
# A gateway in the shell that handles its own signals, and records of its life what `gatewayctl run` would:
#
#     command: [/opt/app/gateway.sh]
#
# Behind `gatewayctl run` nothing of this is needed.
set -u
me=$$ # said each time, because in $( ) the caller is not this process
stopping=
trap 'stopping=yes' TERM INT

gatewayctl state set starting --pid $me
# ... open what it needs ...
gatewayctl state set running --pid $me

while [ -z "$stopping" ]; do
  # ... one piece of its work; a signal interrupts `wait`, not a command in front of it ...
  sleep 1 &
  wait $!
done

gatewayctl state set draining --pid $me # before anything else: SIGKILL may come at any time
if gatewayctl marker consume --pid $me >/dev/null; then
  cause=planned-stop # somebody has asked for it: it stays down
else
  cause=unmarked-signal # the stop of the container, or a bare kill: it comes back
fi
# ... finish what is under way ...
exit "$(gatewayctl state end $cause --pid $me)"
