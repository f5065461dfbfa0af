"""The script of the tag enforcer, generated from the runners of the inventory."""

import shlex
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pyinfra.api.exceptions import OperationValueError

SCRIPT = """\
#!/bin/sh
# Generated from the runners in inventory.py by deploys/fix_tags.py; changes here are overwritten.
set -u
failed=0
{authority}# The token goes through stdin: arguments of curl can be read in the list of processes.
set_tags() {{
    printf 'header = "PRIVATE-TOKEN: %s"\\n' "${token}" |
        curl --config - {option}--fail --silent --show-error --output /dev/null \\
            --request PUT --data-urlencode "tag_list=$2" "${url}/api/v4/runners/$1" ||
        failed=1
}}
{lines}
exit $failed
"""

AUTHORITY = """\
authority=$(mktemp) || exit
trap 'rm -f "$authority"' EXIT
cat >"$authority" <<'END'
{certificate}
END
"""


def script(
    tags: Mapping[int, Collection[str]],
    url_variable: str,
    token_variable: str,
    environment: Collection[str] | None = None,
    authority: str = "",
) -> str:
    """Return a shell script that sets the tags of runners.

    + tags: the tags of each runner by its id; the same table gives the same text
    + url_variable, token_variable: variables in which the CronJob hands over GitLab's URL and token
    + environment: names of the variables that the CronJob sets; None where that is not known
    + authority: certificate of the CA behind GitLab's certificate (PEM); empty: a public CA

    One runner that cannot be set does not keep the others from being set. Raises
    OperationValueError where the CronJob does not set one of the two variables.
    """
    for variable in (url_variable, token_variable):
        if environment is not None and variable not in environment:
            raise OperationValueError(
                f"the enforcer's CronJob sets no variable {variable}, which its script needs (it"
                f" sets: {', '.join(sorted(environment)) or 'none'}): correct"
                " enforcer_url_variable and enforcer_token_variable in group_data/enforcer.py"
            )
    lines = [
        f"set_tags {number} {shlex.quote(','.join(sorted(tags[number])))}"
        for number in sorted(tags)
    ]
    return SCRIPT.format(
        lines="\n".join(lines),
        url=url_variable,
        token=token_variable,
        authority=AUTHORITY.format(certificate=authority.strip()) if authority else "",
        option='--cacert "$authority" ' if authority else "",
    )


def authority(path: str) -> str:
    """Return the certificate in a PEM file; an empty path gives an empty text.

    Raises OperationValueError where the file is not readable, or holds a private key.
    """
    if not path:
        return ""
    try:
        text = Path(path).expanduser().read_text()
    except OSError as error:
        raise OperationValueError(f"enforcer_ca_file cannot be read: {error}") from None
    if "PRIVATE KEY" in text or "BEGIN CERTIFICATE" not in text:
        raise OperationValueError(f"enforcer_ca_file {path} is no PEM file of a certificate alone")
    return text


def environment(cron_job: Mapping[str, Any]) -> set[str] | None:
    """Return the names of the variables that a CronJob sets, or None where it refers to others."""
    containers = cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    if any(container.get("envFrom") for container in containers):
        return None
    return {variable["name"] for c in containers for variable in c.get("env") or []}
