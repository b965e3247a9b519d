#!/bin/bash
# The way into a box (box.py): box-stage.sh outside|inside SCRATCH VOLUME UID COMMAND...
# SCRATCH/image is laid over this machine's root (or over $BOX_BASE), VOLUME appears as /opt/data, and COMMAND becomes PID 1.
# "outside" makes the namespaces and stays as the box's keeper; "inside" builds the root and becomes PID 1.
set -eu
umask 022
PATH=/usr/sbin:/usr/bin:/sbin:/bin
role=$1 scratch=$2 volume=$3 uid=$4

if [ "$role" = outside ]; then
  box=
  # SIGTERM says that the test process is dead (setpriv --pdeathsig): nobody else can tidy up now.
  trap 'set +e; kill -KILL "$box"; wait "$box"; rm -rf "$scratch"; exit 1' TERM
  unshare --pid --mount --uts --ipc --fork --kill-child=KILL --propagation private -- \
    "$BASH" "$0" inside "${@:2}" &
  box=$!
  wait "$box"
  exit
fi

shift 4
name=${scratch##*/}
hostname "${name//_/0}"   # mkdtemp uses "_", host names do not

# Everything the box writes outside of its volume lives in this tmpfs and dies with the namespace. The
# paths of the overlay are relative because a comma or colon in an absolute one would need quoting.
mount -t tmpfs -o mode=755 box "$scratch/mnt"
cd "$scratch/mnt"
mkdir upper work root
cp -a "$scratch/image/." upper/
find upper -type d -exec chmod 755 {} +
mount -t overlay box -o "lowerdir=${BOX_BASE:-/},upperdir=upper,workdir=work" root
cd root

mount -t proc proc proc
mount -t tmpfs -o "${BOX_RUN:-mode=755,uid=$uid,gid=$uid}" run run
mount -t tmpfs -o mode=1777 tmp tmp
mount -t tmpfs -o mode=755 dev dev
for device in null zero full random urandom tty; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
ln -s /proc/self/fd dev/fd
mkdir -m 1777 dev/shm
mkdir -p opt/data
mount --bind "$volume" opt/data
if [ -n "${BOX_BESIDE-}" ]; then
  mkdir -p opt/beside
  mount --bind "$BOX_BESIDE" opt/beside
fi

pivot_root . .
umount -l .
cd /
[ -z "${BOX_READ_ONLY-}" ] || mount -o remount,bind,ro /
exec "$@"
