#!/usr/bin/env bash
# A Druid host's network in namespaces of its own (as root: unshare --net --mount --pid --fork --kill-child), with two interfaces
# and the real systemd-networkd, which configures the first one as cloud-init tells it to on EC2. Runs network.sh, starts
# systemd-networkd again as an upgrade does, and prints the rules that are left. Argument: the folder ec2-userdata.
set -euo pipefail
userdata=$1
mount -t tmpfs tmpfs /run
mount -t sysfs sysfs /sys
mount -t proc proc /proc
for folder in /etc/systemd /opt; do mount -t tmpfs tmpfs "$folder"; done

ip link set lo up
for link in ens5 ens6; do ip link add "$link" type veth peer name "peer-$link"; done
for link in /sys/class/net/peer-*; do ip link set "${link##*/}" up; done

# systemd-networkd configures what udev knows.
mkdir -p /run/udev/data /run/systemd/network /run/systemd/netif/{links,leases,lldp}
touch /run/udev/control
for index in /sys/class/net/*/ifindex; do printf 'I:1\nV:1\n' >"/run/udev/data/n$(<"$index")"; done
chown -R systemd-network:systemd-network /run/systemd/netif
cat >/run/systemd/network/10-netplan-ens5.network <<NETWORK
[Match]
Name=ens5
[Network]
LinkLocalAddressing=no
Address=10.40.64.10/18
Gateway=10.40.64.1
NETWORK

# start_networkd: ends when the first interface is configured.
start_networkd() {
  local log
  log=$(mktemp -p /run)
  SYSTEMD_LOG_LEVEL=debug /lib/systemd/systemd-networkd >"$log" 2>&1 &
  networkd=$!
  timeout 60 grep --quiet 'ens5: State changed: configuring -> configured' < <(tail --follow --lines=+1 --pid="$networkd" "$log")
}
stop_networkd() {
  kill "$networkd"
  wait "$networkd" || true
}

# What the host has where network.sh looks: the program that attaches says MAC and gateway.
mkdir -p /opt/igrid/runtime/bin /run/bin
printf '#!/bin/sh\necho %s 10.40.64.1\n' "$(</sys/class/net/ens6/address)" >/opt/igrid/runtime/bin/node
printf '#!/bin/sh\necho "systemctl $*" >&2\n' >/run/bin/systemctl
chmod +x /opt/igrid/runtime/bin/node /run/bin/systemctl

start_networkd
PATH=/run/bin:$PATH NETWORK_INTERFACE_ID=eni-1 PRIVATE_ADDRESS=10.40.64.20 SUBNET_CIDR=10.40.64.0/18 "$userdata/druid/network.sh" >&2
stop_networkd
start_networkd
ip rule show
stop_networkd
