#!/usr/bin/env bash
# The instance's own disks as /mnt/cache, at each boot: they are blank after a stop and on a new host. Several become one.
# Without any, /mnt/cache is a folder of the system's disk. What is on it can always be read again.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=ec2-userdata/common/lib.sh
source ../common/lib.sh

readonly label=igrid-cache target=/mnt/cache

# instance_disks: by their model; their names change from boot to boot.
instance_disks() {
  local block
  for block in /sys/block/nvme*; do
    if [[ -r $block/device/model && $(<"$block/device/model") == 'Amazon EC2 NVMe Instance Storage'* ]]; then
      echo "/dev/${block##*/}"
    fi
  done
}

# is_blank DEVICE: nothing on it that anybody knows.
is_blank() { [[ -z $(wipefs --noheadings "$1") ]]; }

# device: the one disk, or the array of all of them, made if they are blank. Prints nothing when there is none to use.
device() {
  local -a disks=("$@")
  local disk
  if ((${#disks[@]} == 0)); then
    return
  fi
  if ((${#disks[@]} == 1)); then
    echo "${disks[0]}"
    return
  fi
  if [[ ! -b /dev/md/$label ]]; then
    for disk in "${disks[@]}"; do
      is_blank "$disk" || return 0
    done
    mdadm --create --run --quiet "/dev/md/$label" --level=0 --raid-devices="${#disks[@]}" "${disks[@]}" >&2
    udevadm settle
  fi
  echo "/dev/md/$label"
}

main() {
  local -a disks
  local disk
  install -d "$target"
  if mountpoint --quiet "$target"; then
    return
  fi
  # After a reboot the file system is there already, under whatever name its device has now.
  if ! disk=$(blkid --label "$label"); then
    mapfile -t disks < <(instance_disks)
    disk=$(device "${disks[@]}")
  fi
  if [[ -z $disk ]]; then
    say "no instance disk to use: segments are cached on the system's disk"
    return
  fi
  if is_blank "$disk"; then
    # A trim of terabytes takes minutes, and a blank disk needs none.
    mkfs.ext4 -q -m 0 -E nodiscard -L "$label" "$disk"
    say "$disk was blank and has been formatted"
  fi
  if [[ $(blkid --output value --match-tag LABEL "$disk") != "$label" ]]; then
    say "$disk holds something else and is left alone: segments are cached on the system's disk"
    return
  fi
  if ! grep -q "^LABEL=$label " /etc/fstab; then
    echo "LABEL=$label $target ext4 noatime,nofail,x-systemd.device-timeout=5s 0 0" >>/etc/fstab
  fi
  mount --label "$label" --options noatime "$target"
  say "$disk is mounted on $target"
}
main
