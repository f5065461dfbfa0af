#!/bin/sh
# Show a deploy on the practice site, from broken to repaired to silent, and then the whole site:
#
#     python -m lab run -- sh lab/site/demo.sh [DEPLOY]
#     python -m lab run --site small --inventory examples/small -- sh lab/site/demo.sh [DEPLOY]
set -eu
name=${1:-fix_tags}
deploy=deploys/$name.py
if [ ! -f "$deploy" ]; then
    echo "no deploy $deploy; there are:" deploys/*.py >&2
    exit 2
fi

show() {
    printf '\n%s\n$ %s\n\n' "=== $1" "$2"
    sh -c "$2" </dev/null
}
quietly() {
    for other; do
        printf '(meanwhile: %s)\n' "$other"
        pyinfra inventory.py "deploys/$other.py" -y </dev/null >"$log" 2>&1 || { cat "$log"; exit 1; }
    done
}
mutating() { python -m lab requests --mutating | wc -l | tr -d ' '; }
log=$(mktemp)
# What the runs leave is there after the practice site has gone.
RECORD_DIRECTORY=$(mktemp -d "${TMPDIR:-/tmp}/site-operations-XXXXXX")
export RECORD_DIRECTORY
trap 'rm -f "$log"' EXIT

# What must have happened before a job has something to do, and between its two runs.
before= between=
case $name in
unblock_pipeline) if [ -f group_data/runner_pod.py ]; then between="fix_tags follow_experiment"; fi ;;
follow_experiment) before=fix_tags ;;
revert_super_users) before="fix_tags follow_experiment" ;;
verify_kafka_sasl) before=ci_variables ;;
restore_runners) before=fix_tags ;;
undo) before=kafka_config UNDO_RECORD=1 && export UNDO_RECORD ;;
esac
quietly $before
if [ "$name" = restore_runners ]; then
    runner=$(sed -n 's|.*"@gitlab/runners/\([0-9]*\)".*|\1|p' inventory.py | tail -n 1)
    python -m lab fault "{\"action\": \"describe_runner\", \"runner\": $runner, \"description\": \"renamed\"}"
fi

if [ "$name" = experiment_rbac ] && [ -f group_data/experiment_role.py ]; then
    show "0. What somebody gave by hand is enough, and more than that" "pyinfra inventory.py $deploy --dry"
    printf '(meanwhile: kubectl delete clusterrolebinding experiment-reset-binding)\n'
    python -m lab fault '{"action": "delete_object", "kind": "ClusterRoleBinding", "name": "experiment-reset-binding"}' >"$log"
fi

if [ "$name" != overview ]; then
    start=$(mutating)
    show "1. What would change" "pyinfra inventory.py $deploy --dry"
    if [ "$(mutating)" != "$start" ]; then
        echo "the preview has sent something that changes the site" >&2
        exit 1
    fi
    printf '\n=== The preview has sent nothing that changes the site.\n'
    show "2. Change it, and prove it" "pyinfra inventory.py $deploy -y"
    printf '\n=== What has changed the site:\n'
    python -m lab requests --mutating | tail -n "+$((start + 1))"
    quietly $between
    converged=$(mutating)
    show "3. Run it again: nothing is left to do" "pyinfra inventory.py $deploy -y"
    if [ "$(mutating)" != "$converged" ]; then
        echo "the second run has changed the site again:" >&2
        python -m lab requests --mutating | tail -n "+$((converged + 1))" >&2
        exit 1
    fi
    printf '\n=== The second run has sent nothing that changes the site.\n'
fi

overview="pyinfra inventory.py deploys/overview.py --dry"
show "The whole site; exit code 1 where something needs attention" "$overview; echo exit code \$?"

for report in "$RECORD_DIRECTORY"/*-"$name"-*/report.html; do
    [ ! -f "$report" ] || printf '\n=== What was changed and proven, for people: %s\n' "$report"
done
