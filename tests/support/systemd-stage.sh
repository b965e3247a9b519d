#!/bin/bash
# The way into a systemd box (systemd_box.py):
#   systemd-stage.sh outside|inside SCRATCH CGROUP CONSOLE system|user HOME [SOURCE TARGET]...
# SCRATCH/image is laid over this machine's root, each SOURCE appears as TARGET, and PID 1 is systemd, or
# for "user" a minimal init around one `systemd --user`. CGROUP is created and becomes the box's root cgroup.
# "outside" makes the namespaces and stays as the box's keeper; "inside" builds the root and becomes PID 1.
set -eu
umask 022
PATH=/usr/sbin:/usr/bin:/sbin:/bin
role=$1 scratch=$2 cgroup=$3 console=$4 scope=$5 home=$6

# Ends all that is left in the cgroup and removes it; what nsenter put in may outlive PID 1 for a moment.
remove_cgroup() {
  echo 1 >"$cgroup/cgroup.kill"
  for ((try = 0; try < 500; try++)); do
    ! find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || return 0
    sleep 0.01
  done
  echo "cannot remove $cgroup" >&2
  return 1
}

if [ "$role" = outside ]; then
  box=
  # SIGTERM says that the test process is dead (setpriv --pdeathsig): nobody else can tidy up now.
  trap 'set +e; kill -KILL "$box"; wait "$box"; remove_cgroup; rm -rf "$scratch"; exit 1' TERM
  mkdir -p "$cgroup/exec"
  # PID 1 alone enters the cgroup, before the cgroup namespace is made: that makes it the namespace's root.
  # shellcheck disable=SC2016
  unshare --pid --mount --uts --ipc --fork --kill-child=KILL --propagation private -- \
    "$BASH" -euc 'echo 0 >"$1/cgroup.procs"; shift; exec unshare --cgroup -- "$@"' - "$cgroup" \
    "$BASH" "$0" inside "${@:2}" &
  box=$!
  code=0
  wait "$box" || code=$?
  remove_cgroup
  exit "$code"
fi

# PID 1 of a "user" box: the journal, and what user@10000.service is on a real machine. SIGTERM is its stop.
user_init() {
  set -u
  local unit=/sys/fs/cgroup/user.slice/user-10000.slice/user@10000.service runtime=/run/user/10000 journal manager code
  /lib/systemd/systemd-journald & journal=$!
  mkdir -p "$unit" "$runtime"
  chown 10000:10000 "$runtime" "$unit" "$unit"/cgroup.{procs,subtree_control,threads}
  chmod 700 "$runtime"
  (
    echo 0 >"$unit/cgroup.procs"
    cd "$HOME"
    exec setpriv --reuid=10000 --regid=10000 --init-groups --inh-caps=-all \
      env USER=hermes LOGNAME=hermes SHELL=/bin/sh XDG_RUNTIME_DIR="$runtime" \
      /lib/systemd/systemd --user --log-target=console
  ) & manager=$!
  trap 'kill -TERM "$manager"' TERM
  # A trapped signal ends the wait early; the status that counts is the manager's.
  while wait "$manager"; code=$?; kill -0 "$manager" 2>/dev/null; do :; done
  kill -TERM "$journal"
  wait "$journal"
  exit "$code"
}

# The machine's own services, generators and settings stay out: only what a boot needs is taken over.
keep_few_units() {
  local dir=usr/lib/systemd unit
  mkdir -p ../units/{system,user}
  for unit in "$dir"/{system,user}/{*.target,*.slice,systemd-exit.service} \
    "$dir"/system/{dbus.*,systemd-{halt,poweroff,reboot}.service} \
    "$dir"/system/systemd-journal{d.service,d.socket,d-dev-log.socket,-flush.service}; do
    [ ! -f "$unit" ] || cp -a "$unit" "../units/${unit#"$dir"/}"
  done
  rm -rf etc/systemd etc/xdg/systemd usr/local/{lib,share}/systemd usr/share/systemd/user var/log/journal \
    "$dir"/{system,user}{,-generators,-environment-generators}
  cp -a ../units/. "$dir"
  ln -sf multi-user.target "$dir/system/default.target"
  mkdir -p etc/systemd/{system,user} "$dir"/system/{sysinit,sockets,multi-user}.target.wants
  ln -s ../systemd-journald.service ../systemd-journal-flush.service "$dir/system/sysinit.target.wants"
  ln -s ../systemd-journald.socket ../systemd-journald-dev-log.socket ../dbus.socket "$dir/system/sockets.target.wants"
  ln -s ../dbus.service "$dir/system/multi-user.target.wants"
}

shift 6
name=${scratch##*/}
hostname "${name//_/0}"   # mkdtemp uses "_", host names do not

# Everything the box writes outside of its binds lives in this tmpfs and dies with the namespace. The paths
# of the overlay are relative because a comma or colon in an absolute one would need quoting.
mount -t tmpfs -o mode=755 box "$scratch/mnt"
cd "$scratch/mnt"
mkdir upper work root
mount -t overlay box -o lowerdir=/,upperdir=upper,workdir=work root
cd root
keep_few_units
cp -a "$scratch/image/." .

mount -t proc proc proc
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
mount -t tmpfs -o mode=755 dev dev
for device in null zero full random urandom tty; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
: >dev/console
mount --bind "$console" dev/console
ln -s /proc/self/fd dev/fd
mkdir -m 1777 dev/shm
mkdir dev/pts
mount -t devpts -o newinstance,mode=620,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx

# A boot has a boot id of its own, and a systemd with a writable /proc/sys would set the machine's sysctls.
cp proc/sys/kernel/random/uuid run/boot-id
mount --bind run/boot-id proc/sys/kernel/random/boot_id
rm run/boot-id
mount --rbind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup

while [ $# -gt 0 ]; do
  target=${2#/}
  if [ -d "$1" ]; then mkdir -p "$target"; else mkdir -p "$(dirname "$target")"; [ -e "$target" ] || : >"$target"; fi
  mount --bind "$1" "$target"
  shift 2
done

pivot_root . .
umount -l .
cd /
if [ "$scope" = system ]; then
  exec env -i --default-signal container=box /lib/systemd/systemd --system --log-target=console
fi
mkdir -p /run/systemd/system   # what sd_booted() looks for
exec env -i --default-signal PATH="$PATH" HOME="$home" "$BASH" -c "$(declare -f user_init); user_init"
