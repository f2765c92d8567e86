#!/usr/bin/env bash
# Druid's address, which outlives the host: takes the retained network interface, and answers through it. Settings:
# NETWORK_INTERFACE_ID, PRIVATE_ADDRESS, SUBNET_CIDR. Where the address is already that of the first interface (a machine
# outside of EC2), there is nothing to do.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=ec2-userdata/common/lib.sh
source ../common/lib.sh

# Any number that no other table has.
readonly table=1088

# link_with ADDRESS: the name of the network link that has it.
link_with() { ip -4 -oneline address show | awk -v address="$1" '{ split($4, part, "/") } part[1] == address { print $2; exit }'; }

# link_of MAC
link_of() {
  local address
  for address in /sys/class/net/*/address; do
    if [[ $(<"$address") == "${1,,}" ]]; then
      basename "$(dirname "$address")"
      return
    fi
  done
  return 1
}

# Debian's image configures the first interface through systemd-networkd, and leaves one that is attached later to us: it has no
# amazon-ec2-net-utils, and cloud-init writes the network's configuration at an instance's first boot only.
keep_rules() {
  local file=/etc/systemd/networkd.conf.d/igrid.conf
  if ! cmp --silent networkd.conf "$file"; then
    install -D -m 0644 networkd.conf "$file"
    systemctl try-restart systemd-networkd
  fi
}

default_link() { ip -4 route show default | awk '{ for (i = 1; i < NF; i++) if ($i == "dev") { print $(i + 1); exit } }'; }

if [[ -n $(link_with "$PRIVATE_ADDRESS") && $(link_with "$PRIVATE_ADDRESS") == "$(default_link)" ]]; then
  say "$PRIVATE_ADDRESS is the machine's own"
  exit
fi

interface=$(/opt/igrid/runtime/bin/node /opt/igrid/current/src/druid/host.mjs attach)
read -r mac gateway <<<"$interface"
RETRY_SECONDS=30 retry link_of "$mac" >/dev/null || fail "the system does not see the network interface $NETWORK_INTERFACE_ID ($mac)"
link=$(link_of "$mac")

keep_rules
ip link set dev "$link" up
if [[ $(link_with "$PRIVATE_ADDRESS") != "$link" ]]; then
  ip address add "$PRIVATE_ADDRESS/32" dev "$link"
fi
# Both interfaces are in one subnet: what comes in through this one must leave through it, or EC2 drops it.
ip route replace "$SUBNET_CIDR" dev "$link" src "$PRIVATE_ADDRESS" table "$table"
ip route replace default via "$gateway" dev "$link" src "$PRIVATE_ADDRESS" onlink table "$table"
if [[ -z $(ip rule show from "$PRIVATE_ADDRESS" table "$table") ]]; then
  ip rule add from "$PRIVATE_ADDRESS" table "$table" priority "$table"
fi
say "$PRIVATE_ADDRESS is on $link"
