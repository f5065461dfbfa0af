#!/bin/sh
# Empty the databases of the experiment, so that each run starts from nothing.
# Only what belongs to the experiment is touched: names that begin with dedup-lab or dedup_lab.
set -eu

drop=no
[ "${1:-}" = "--drop" ] && drop=yes

in_pod() {
    namespace=$1
    selector=$2
    shift 2
    pod=$(kubectl -n "$namespace" get pods -l "$selector" -o name | head -n 1)
    kubectl -n "$namespace" exec "$pod" -- "$@"
}

in_pod databases app=postgresql psql -U dedup-lab -c 'TRUNCATE results'
in_pod databases app=mariadb mariadb dedup_lab -e 'TRUNCATE results'
in_pod redis app=redis sh -c 'redis-cli --scan --pattern "dedup:*" | xargs -r redis-cli unlink'

if [ "$drop" = yes ]; then
    in_pod kafka strimzi.io/name=kafka-cluster-kafka bin/kafka-topics.sh --delete --topic 'dedup-lab-.*'
fi
