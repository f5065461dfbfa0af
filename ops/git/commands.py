"""Commands of git: with the token of one remote, and not with what an environment adds.

No secret is in a command: it could be read in the list of processes, and in the log.
"""

from pyinfra.api import QuoteString, StringCommand

# The remote's scheme and host: git asks this helper for no other one (gitcredentials(7)), so that
# neither a redirect nor a submodule gets the token, and for none without TLS.
_ORIGIN = (
    "at=$({get_url} | sed -n 's#^\\(https://\\)\\([^/]*@\\)\\{{0,1\\}}\\([^/@]*\\).*#\\1\\3#p');"
)
_HELPER = (
    "credential.${{at:-https://none.invalid}}.helper=!f() {{ cat >/dev/null;"
    ' [ \\"\\$1\\" != get ] || [ -z \\"\\${name}\\" ] ||'
    ' printf \\"username=oauth2\\\\npassword=%s\\\\n\\" \\"\\${name}\\"; }}; f'
)
# A helper of the operator's would be told the token after the login, and may write it into a file.
_NO_OTHER_HELPER = "${{{name}:+-c credential.helper=}}"
# Variables that name another repository, or add configuration, are of whoever calls: a hook of git
# that starts a run has GIT_DIR. Replaced commits would show another history than the remote has.
_ENVIRONMENT = "unset $(git rev-parse --local-env-vars);"
_VARIABLES = "GIT_NO_REPLACE_OBJECTS=1 GIT_TERMINAL_PROMPT=0"
_SETTINGS = (
    *("-c", "http.followRedirects=false"),
    # A server that has gone silent would keep a push for ever.
    *("-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=60"),
    # What a clone is set up to do besides; what has an option is switched off where it is called.
    *("-c", "core.hooksPath=/dev/null", "-c", "push.pushOption="),
)


def git(
    directory: str, *arguments: str, remote: str = "", token_variable: str = ""
) -> StringCommand:
    """Return a git command that runs in a clone and never asks on the terminal.

    + directory: the clone; `~/` stands for the home directory on the host
    + arguments: of git
    + remote: the one that the command talks to
    + token_variable: variable with its token; where that is not set, and where it has none, git's
      own configuration serves: SSH keys, a credential helper
    """
    start = StringCommand("git -C", path(directory))
    origin: list[str | QuoteString | StringCommand] = []
    helper: list[str] = []
    if token_variable:
        get_url = StringCommand(start, "remote get-url", QuoteString(remote))
        before, after = _ORIGIN.format(get_url="{get_url}").split("{get_url}")
        origin = [StringCommand(before, get_url, after, _separator="")]
        helper = [_NO_OTHER_HELPER.format(name=token_variable)]
        helper += ["-c", f'"{_HELPER.format(name=token_variable)}"']
    quoted = [QuoteString(argument) for argument in arguments]
    return StringCommand(
        *("(", _ENVIRONMENT, *origin, _VARIABLES, start),
        *(*helper, *_SETTINGS, *quoted, ")"),
    )


def path(directory: str) -> StringCommand:
    """Return a directory as a word of a shell command.

    + directory: `~/` stands for the home directory on the host
    """
    home = "~/" if directory.startswith("~/") else ""
    return StringCommand(home, QuoteString(directory.removeprefix("~/")), _separator="")
