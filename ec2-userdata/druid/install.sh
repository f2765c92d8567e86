#!/usr/bin/env bash
# Druid as services. Settings (/etc/igrid/settings): DRUID_DIST_URL, DRUID_DIST_SHA256 (a tar, compressed or not, with one folder
# at its top that holds lib/ and extensions/), MSK_IAM_URL, MSK_IAM_SHA256, and those of src/hosts/druid/settings.ts.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=ec2-userdata/common/lib.sh
source ../common/lib.sh
set -a
# shellcheck source=/dev/null
source /etc/igrid/settings
set +a

packages openjdk-17-jre-headless openssl iproute2 e2fsprogs mdadm logrotate
authority_certificate
service_user igrid-druid

# distribution: below the hashes of what it is made of, so that an upgrade is another folder.
distribution() {
  local folder=/opt/igrid-druid/${DRUID_DIST_SHA256:0:16}-${MSK_IAM_SHA256:0:16}
  if [[ ! -d $folder ]]; then
    install -d /opt/igrid-druid
    rm -rf "$folder.part"
    mkdir "$folder.part"
    download "$DRUID_DIST_URL" /opt/igrid-druid/druid.tar "$DRUID_DIST_SHA256"
    tar --extract --file /opt/igrid-druid/druid.tar --directory "$folder.part" --strip-components=1 --no-same-owner
    rm /opt/igrid-druid/druid.tar
    [[ -d $folder.part/lib && -d $folder.part/extensions/druid-kafka-indexing-service ]] ||
      fail "$DRUID_DIST_URL has no lib/ and extensions/druid-kafka-indexing-service below one folder at its top"
    # Beside the Kafka client that uses it: an extension sees its own jars only.
    download "$MSK_IAM_URL" "$folder.part/extensions/druid-kafka-indexing-service/aws-msk-iam-auth.jar" "$MSK_IAM_SHA256"
    mv "$folder.part" "$folder"
  fi
  ln -sfn "$folder" /opt/igrid-druid/current
}
distribution

install -m 0644 logrotate.conf /etc/logrotate.d/igrid-druid
# Segments are mapped into memory, many files at a time; heaps must not be swapped out.
install -m 0644 sysctl.conf /etc/sysctl.d/60-igrid-druid.conf
sysctl --quiet --load /etc/sysctl.d/60-igrid-druid.conf || say 'the kernel settings for Druid could not be made'

./disk.sh
/opt/igrid/runtime/bin/node /opt/igrid/current/src/druid/host.mjs limit

install -m 0644 units/*.service units/*.timer units/*.target /etc/systemd/system/
systemctl daemon-reload
systemctl enable igrid-druid.target igrid-druid-report.timer
# All of them stop and start in their order; the last unit of the target ends when SQL is answered over TLS.
systemctl restart igrid-druid.target || true
answers 900 'Druid, over TLS and to every user,' systemctl is-active --quiet igrid-druid-ready.service
systemctl restart igrid-druid-report.timer
watched_services igrid-druid-zookeeper.service igrid-druid@{coordinator-overlord,broker,historical,indexer,router}.service
