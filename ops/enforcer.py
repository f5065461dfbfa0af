"""The script of the tag enforcer, generated from the runners of the inventory."""

import shlex
from collections.abc import Collection, Mapping

SCRIPT = """\
#!/bin/sh
# Generated from the runners in inventory.py by deploys/fix_tags.py; changes here are overwritten.
# The CronJob provides GITLAB_URL and GITLAB_TOKEN.
set -u
failed=0
# The token goes through stdin: arguments of curl can be read in the list of processes.
set_tags() {{
    printf 'header = "PRIVATE-TOKEN: %s"\\n' "$GITLAB_TOKEN" |
        curl --config - --fail --silent --show-error --output /dev/null \\
            --request PUT --data-urlencode "tag_list=$2" "$GITLAB_URL/api/v4/runners/$1" ||
        failed=1
}}
{lines}
exit $failed
"""


def script(tags: Mapping[int, Collection[str]]) -> str:
    """Return a shell script that sets the tags of runners.

    + tags: the tags of each runner by its id; the same table gives the same text

    One runner that cannot be set does not keep the others from being set.
    """
    lines = [
        f"set_tags {number} {shlex.quote(','.join(sorted(tags[number])))}"
        for number in sorted(tags)
    ]
    return SCRIPT.format(lines="\n".join(lines))
