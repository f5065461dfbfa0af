"""Facts about database migrations of a GitLab installation, read in its toolbox."""

from collections.abc import Iterable

from pyinfra.api import QuoteString, StringCommand
from typing_extensions import override

from ops.api.form import WrongForm
from ops.api.strict_fact import CommandFact


class MigrationFile(CommandFact):
    """Return the path of a migration's file below the Rails directory, or None where it has none.

    + directory: Rails directory, `/srv/gitlab` in the toolbox of the Helm chart
    + migration: name of the migration without its version, such as "ensure_runner_taggings_exist"

    ```python
    "db/post_migrate/20241219100359_requeue_backfill_ci_runners_partitioned_table.rb"
    ```
    """

    @override
    def command(self, directory: str, migration: str) -> StringCommand:
        script = 'cd "$1" && { ls db/*migrate/*_"$2".rb 2>/dev/null || echo none; }'
        quoted = (QuoteString(directory), QuoteString(migration))
        return StringCommand("sh", "-c", QuoteString(script), "find", *quoted)

    @override
    def parse(self, output: Iterable[str]) -> str | None:
        """Take the first file; the shell sorts them."""
        path = next(iter(output))
        if not path.startswith("db/") and path != "none":
            raise WrongForm("ls printed something else")
        return None if path == "none" else path
