"""The globs of `rules:changes` (https://docs.gitlab.com/ci/jobs/job_rules/)."""

import re

from wcmatch.glob import BRACE, DOTGLOB, GLOBSTAR, globmatch


def matches(path: str, glob: str) -> bool:
    """Return whether a path matches a glob of `rules:changes`.

    GitLab uses Ruby's File.fnmatch with FNM_PATHNAME, FNM_DOTMATCH and FNM_EXTGLOB: `**/` stands
    for any number of directories, but `**` at the end only for one name, as `*` does.
    """
    ruby = re.sub(r"\*\*(?!/)", "*", glob)
    return bool(globmatch(path, ruby, flags=GLOBSTAR | DOTGLOB | BRACE))
