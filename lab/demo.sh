#!/bin/sh
# Show a deploy on the practice site, from broken to repaired to silent:
#
#     python -m lab run -- sh lab/demo.sh [DEPLOY]
set -eu
deploy=deploys/${1:-fix_tags}.py
[ -f "$deploy" ] || { echo "no deploy $deploy; there are: $(ls deploys)" >&2; exit 2; }

show() {
    printf '\n%s\n$ %s\n\n' "=== $1" "$2"
    sh -c "$2" </dev/null
}
mutating() { python -m lab requests --mutating | wc -l | tr -d ' '; }

show "1. What would change" "pyinfra inventory.py $deploy --dry"
[ "$(mutating)" = 0 ] || { echo "the preview has sent something that changes the site" >&2; exit 1; }
show "Requests that the preview sent and that change something: none" \
    "python -m lab requests --mutating"
show "2. Change it, and prove it" "pyinfra inventory.py $deploy -y"
show "What changed the site" "python -m lab requests --mutating"
before=$(mutating)
show "3. Run it again: nothing is left to do" "pyinfra inventory.py $deploy -y"
after=$(mutating)
[ "$before" = "$after" ] || { echo "the second run has changed the site again" >&2; exit 1; }
printf '\n=== The second run has sent nothing that changes the site.\n'
