#!/bin/bash
# PID 1 of a UserSystemd (systemd_box.py): journald, and what user@10000.service is on a real machine, at the
# same place in the cgroups, because journald tells a user's units by that. SIGTERM is the orderly stop.
# usage: user-systemd-init.sh HOME
set -u
unit=/sys/fs/cgroup/user.slice/user-10000.slice/user@10000.service
runtime=/run/user/10000

mkdir -p /run/systemd/system "$unit" "$runtime"   # the first is what sd_booted() looks for
chown 10000:10000 "$runtime" "$unit" "$unit"/cgroup.{procs,subtree_control,threads}
chmod 700 "$runtime"

# A user reads a journal file of its own, and these exist only in /var/log, where journald writes after a flush.
mkdir -p /run/systemd/journal
: >/run/systemd/journal/flushed
/lib/systemd/systemd-journald &
journal=$!
(
  echo 0 >"$unit/cgroup.procs"
  cd "$1" || exit
  exec setpriv --reuid=10000 --regid=10000 --clear-groups --inh-caps=-all \
    env HOME="$1" USER=hermes LOGNAME=hermes SHELL=/bin/sh XDG_RUNTIME_DIR="$runtime" \
    /lib/systemd/systemd --user --log-target=console
) &
manager=$!
trap 'kill -TERM "$manager"' TERM

# A trapped signal ends the wait early; the status that counts is the manager's.
while
  wait "$manager"
  code=$?
  kill -0 "$manager" 2>/dev/null
do :; done
kill -TERM "$journal"
wait "$journal"
exit "$code"
