"""Commands of git, with the token of a remote out of the environment.

No secret is in a command: it could be read in the list of processes, and in the log.
"""

from pyinfra.api import QuoteString, StringCommand

# Which variable holds the token of a remote. Where it is not set, and for other remotes, git's own
# configuration serves: SSH keys, the operator's credential helper (which is asked first anyway).
TOKEN_VARIABLES = {"gitlab": "GITLAB_TOKEN", "github": "GITHUB_TOKEN"}
_HELPER = (
    '!f() {{ [ "$1" != get ] || [ -z "${name}" ] ||'
    ' printf "username=oauth2\\npassword=%s\\n" "${name}"; }}; f'
)


def git(directory: str, remote: str, *arguments: str) -> StringCommand:
    """Return a git command that runs in a clone and never asks on the terminal.

    + directory: the clone
    + remote: the remote that the command talks to; an empty text where it talks to none
    + arguments: of git
    """
    name = TOKEN_VARIABLES.get(remote)
    options = ["-C", directory]
    if name is not None:
        options += ["-c", f"credential.helper={_HELPER.format(name=name)}"]
    quoted = [QuoteString(part) for part in (*options, *arguments)]
    return StringCommand("GIT_TERMINAL_PROMPT=0", "git", *quoted)
