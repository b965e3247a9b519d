#!/bin/bash
# The way into a systemd box (systemd_box.py):
#   systemd-stage.sh outside|inside SCRATCH CGROUP CONSOLE [SOURCE TARGET]... -- COMMAND...
# SCRATCH/image is laid over this machine's root (or over $BOX_BASE), the terminal CONSOLE appears as /dev/console, each SOURCE as
# its TARGET, and COMMAND becomes PID 1. CGROUP is created and becomes the box's root cgroup.
# "outside" makes the namespaces and stays as the box's keeper; "inside" builds the root and becomes PID 1.
set -eu
umask 022
PATH=/usr/sbin:/usr/bin:/sbin:/bin
role=$1 scratch=$2 cgroup=$3 console=$4

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

# The machine's own services, generators and settings stay out: only what a boot needs is taken over.
keep_few_units() {
  local dir=usr/lib/systemd units=$PWD/../units
  mkdir "$units"
  (
    cd "$dir"
    shopt -s nullglob
    cp -a --parents {system,user}/{*.target,*.slice,systemd-exit.service} system/dbus.s* \
      system/systemd-{halt,poweroff,reboot,journald,journal-flush}.service \
      system/systemd-journald{,-dev-log}.socket "$units"
  )
  rm -rf etc/systemd etc/xdg/systemd usr/local/{lib,share}/systemd usr/share/systemd/user var/log/journal \
    "$dir"/{system,user}{,-generators,-environment-generators}
  cp -a "$units/." "$dir"
  mkdir -p etc/systemd/{system,user} "$dir"/system/{sysinit,sockets,multi-user}.target.wants
  ln -sf multi-user.target "$dir/system/default.target"
  ln -s ../systemd-journald.service ../systemd-journal-flush.service "$dir/system/sysinit.target.wants"
  ln -s ../systemd-journald.socket ../systemd-journald-dev-log.socket ../dbus.socket "$dir/system/sockets.target.wants"
  ln -s ../dbus.service "$dir/system/multi-user.target.wants"
}

shift 4

# Everything the box writes outside of its binds lives in this tmpfs and dies with the namespace. The paths
# of the overlay are relative because a comma or colon in an absolute one would need quoting.
mount -t tmpfs -o mode=755 box "$scratch/mnt"
cd "$scratch/mnt"
mkdir upper work root
mount -t overlay box -o "lowerdir=${BOX_BASE:-/},upperdir=upper,workdir=work" root
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
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount --bind run/boot-id proc/sys/kernel/random/boot_id
mount -o remount,bind,ro proc/sys/kernel/random/boot_id
rm run/boot-id
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup

while [ "$1" != -- ]; do
  target=${2#/}
  if [ -d "$1" ]; then mkdir -p "$target"; else mkdir -p "$(dirname "$target")"; [ -e "$target" ] || : >"$target"; fi
  mount --bind "$1" "$target"
  shift 2
done
shift

pivot_root . .
umount -l .
cd /
exec env -i --default-signal PATH="$PATH" container=box "$@"   # systemd_box.py looks for container=box
