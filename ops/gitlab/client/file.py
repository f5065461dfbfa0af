"""python-gitlab's configuration file: the section that is meant, as settings of a client.

https://python-gitlab.readthedocs.io/en/stable/cli-usage.html
"""

import configparser

from gitlab import config

from ops.api.shown import without_credentials
from ops.http.response import Misconfigured

TOKENS = ("private_token", "oauth_token", "job_token")
_SETTINGS = (*TOKENS, "url", "ssl_verify", "http_username", "http_password")
_NO_TOKEN = "no token for GitLab: set GITLAB_URL and GITLAB_TOKEN"


def read(url: str | None, section: str | None) -> dict[str, object]:
    """Return what the file says about an installation: url, token, verification, time limit.

    + url: the section with this one is taken; None: the default of the file
    + section: the one that is taken, whatever its url

    Raises Misconfigured in words where there is none; no message holds a line of the file.
    """
    try:
        return _read(url, section)
    except Misconfigured:
        raise
    except config.ConfigError as error:
        if isinstance(error, config.GitlabConfigHelperError):  # It has what the helper printed.
            raise _unusable(error) from None
        raise Misconfigured(f"{_NO_TOKEN} ({error})") from None
    except Exception as error:
        # A parser's message may quote the line with the token; a failed helper has its own error.
        raise _unusable(error) from None


def _read(url: str | None, section: str | None) -> dict[str, object]:
    files = config._get_config_files()
    parser = configparser.ConfigParser()
    if not parser.read(files, encoding="utf-8"):
        raise Misconfigured(_NO_TOKEN)
    name = section or (_with_url(parser, url) if url else None)
    found = config.GitlabConfigParser(gitlab_id=name)
    if url and not _same(url, found.url or ""):
        raise Misconfigured(  # The token is of another installation.
            f"section {name} of python-gitlab.cfg is about {without_credentials(found.url or '')},"
            f" and not {without_credentials(url)}"
        )
    settings = {name: getattr(found, name) for name in _SETTINGS}
    # Its own default is not that of the settings.
    if any(parser.has_option(part, "timeout") for part in ("global", found.gitlab_id or "")):
        settings["timeout"] = found.timeout
    return settings


def _with_url(parser: configparser.ConfigParser, url: str) -> str:
    urls = {name: parser.get(name, "url", fallback="") for name in parser.sections()}
    found = [name for name, other in urls.items() if _same(url, other)]
    default = parser.get("global", "default", fallback="")
    if default in found:
        return default
    if len(found) == 1:
        return found[0]
    if found:
        raise Misconfigured(
            f"python-gitlab.cfg has several sections for {without_credentials(url)}"
            f" ({', '.join(found)}): name one with gitlab_section"
        )
    others = ", ".join(sorted(without_credentials(other) for other in urls.values() if other))
    raise Misconfigured(
        f"no token for {without_credentials(url)}: python-gitlab.cfg is about {others or 'nothing'}"
    )


def _same(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")


def _unusable(error: Exception) -> Misconfigured:
    return Misconfigured(
        f"python-gitlab.cfg cannot be used ({type(error).__name__}): correct it, or its helper"
        " (does the password store answer?)"
    )
