"""The repairs of GitLab's runner tags, as data, and the script that carries one out.

* requeue: migration 20241219100359 down and up, the published repair for an upgrade to 17.8
  (https://gitlab.com/gitlab-com/support/toolbox/gitlab-detective/-/merge_requests/111). Until 17.9:
  from 17.10 on its tables are swapped.
* force-copy: migration EnsureRunnerTaggingsExistTry2 with FORCE_COPY_RUNNER_TAGGINGS, from 17.9 on
  (https://gitlab.com/gitlab-org/gitlab/-/merge_requests/192963). It copies the old table, so it may
  bring back tags that were removed on purpose.
"""

import re
from dataclasses import dataclass

SCRIPT = """\
cd {directory} || exit
set -- db/*migrate/*_{name}.rb
if [ ! -f "$1" ]; then echo "no file of migration {name} in {directory}"; exit 3; fi
version=${{1##*/}} version=${{version%%_*}}
rake() {{ {environment}gitlab-rake "$1{suffix}" ${{2:+VERSION="$2"}}; }}
look() {{
    status=$(rake db:migrate:status | awk -v version="$version" '$2 == version {{ print $1 }}')
    echo "migration $version is ${{status:-unknown}}"
}}
look
case $status in
up)
    if ! rake db:migrate:down "$version"; then
        echo "down failed; it may have reverted before that"
        look
        if [ "$status" = up ]; then exit 6; fi
    fi
    ;;
down) echo "a former attempt left it down, so only up is missing" ;;
*) exit 4 ;;
esac
tries=1
until rake db:migrate:up "$version"; do
    if [ "$tries" -ge 5 ]; then
        echo "up failed $tries times: THE MIGRATION IS DOWN. Run the job again, or by hand:"
        echo "gitlab-rake db:migrate:up{suffix} VERSION=$version"
        exit 5
    fi
    echo "up failed, and must not stay down: trying again"
    tries=$((tries + 1))
    sleep "${{REPAIR_PAUSE:-2}}"
done
"""


@dataclass(frozen=True)
class Repair:
    """A repair: which migration runs again, in which GitLab versions, and what proves that it ran.

    + name: name of the migration's file without version
    + migration_class: name that its output lines carry
    + since: first GitLab version for which it is meant
    + before: first version for which it is not, or None
    + environment: variables for gitlab-rake, as a shell prefix
    + background_job: job class that `up` queues anew, or None
    """

    name: str
    migration_class: str
    since: tuple[int, int]
    before: tuple[int, int] | None
    environment: str = ""
    background_job: str | None = None

    def script(self, directory: str, database: str = "") -> str:
        """Return the shell script of the job: status, then down and up, or up alone.

        + directory: Rails directory in the toolbox
        + database: "" for one database, else the name of GitLab's rake task suffix, "main" or "ci"
        """
        suffix = f":{database}" if database else ""
        values = {"directory": directory, "name": self.name, "suffix": suffix}
        return SCRIPT.format(environment=self.environment, **values)

    def success_lines(self) -> list[str]:
        """Return patterns (POSIX extended) that a good run's output matches.

        rake's exit code proves nothing.
        """
        line = f"== [0-9]{{14}} {self.migration_class}"
        return [rf"{line}: reverted \(|^migration [0-9]{{14}} is down", rf"{line}: migrated \("]

    def refusal(self, version: str) -> str:
        """Return why the repair is not meant for a GitLab version, or an empty text."""
        match = re.match(r"(\d+)\.(\d+)", version)
        if not match:
            return f"GitLab's version {version!r} is not understood"
        number = (int(match[1]), int(match[2]))
        if number < self.since:
            return f"GitLab {version} is older than {self.since[0]}.{self.since[1]}"
        if self.before and number >= self.before:
            limit = f"{self.before[0]}.{self.before[1]}"
            return f"GitLab {version} has other tables, as all versions from {limit} on"
        return ""


REPAIRS = {
    "requeue": Repair(
        name="requeue_backfill_ci_runners_partitioned_table",
        migration_class="RequeueBackfillCiRunnersPartitionedTable",
        since=(17, 8),
        before=(17, 10),
        background_job="BackfillCiRunnersPartitionedTable",
    ),
    "force-copy": Repair(
        name="ensure_runner_taggings_exist_try2",
        migration_class="EnsureRunnerTaggingsExistTry2",
        since=(17, 9),
        before=None,
        environment="FORCE_COPY_RUNNER_TAGGINGS=true ",
    ),
}
