#!/bin/sh
# A gateway in the shell behind `gatewayctl run`:
#
#     command: [gatewayctl, run, --, /opt/app/gateway.sh]
set -u
stopping=
trap 'stopping=yes' TERM INT
echo "$GATEWAYCTL_PROFILE: works, on port $GATEWAYCTL_PORT"

while [ -z "$stopping" ]; do
  # ... one piece of its work; a signal interrupts `wait`, not a command in front of it ...
  sleep 1 &
  wait $!
done
# ... finish what is under way, within drain_timeout ...
echo "$GATEWAYCTL_PROFILE: finished"
