"""Commands of git, with the token of a remote out of the environment.

No secret is in a command: it could be read in the list of processes, and in the log.
"""

from pyinfra.api import QuoteString, StringCommand

# git says on stdin for what it asks: without TLS the token could be read on the way.
_HELPER = (
    '!f() {{ [ "$1" != get ] || [ -z "${name}" ] || ! grep -x protocol=https >/dev/null ||'
    ' printf "username=oauth2\\npassword=%s\\n" "${name}"; }}; f'
)
# A helper of the operator's would be told the token after the login, and may write it into a file.
_NO_OTHER_HELPER = "${{{name}:+-c credential.helper=}}"
# A server that has gone silent would keep a push for ever.
_PATIENCE = ("-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=60")


def git(directory: str, token_variable: str, *arguments: str) -> StringCommand:
    """Return a git command that runs in a clone and never asks on the terminal.

    + directory: the clone; `~/` stands for the home directory on the host
    + token_variable: variable with the token of the remote that the command talks to; where that is
      not set, and where it has none, git's own configuration serves: SSH keys, a credential helper
    + arguments: of git
    """
    helper: list[str | QuoteString] = []
    if token_variable:
        helper = [_NO_OTHER_HELPER.format(name=token_variable), "-c"]
        helper += [QuoteString(f"credential.helper={_HELPER.format(name=token_variable)}")]
    quoted = [QuoteString(argument) for argument in arguments]
    start = ("GIT_TERMINAL_PROMPT=0", "git", "-C", path(directory))
    return StringCommand(*start, *helper, *_PATIENCE, *quoted)


def path(directory: str) -> StringCommand:
    """Return a directory as a word of a shell command.

    + directory: `~/` stands for the home directory on the host
    """
    home = "~/" if directory.startswith("~/") else ""
    return StringCommand(home, QuoteString(directory.removeprefix("~/")), _separator="")
