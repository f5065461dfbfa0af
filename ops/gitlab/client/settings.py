"""The settings of a GitLab client: what is given, and what python-gitlab.cfg has of the rest."""

import os

import gitlab
from pyinfra import logger

from ops.api.secret import Secret
from ops.api.shown import never_show, without_credentials
from ops.gitlab.client import file
from ops.http.response import Misconfigured


def new_client(
    url: str | None, token: Secret, verify: bool | str, timeout: float, section: str | None = None
) -> gitlab.Gitlab:
    """Return a client for a GitLab installation.

    + url, token: where and as whom; where one is missing, python-gitlab.cfg is read
    + verify: whether the certificate is checked, or the PEM file of its CA; True leaves that to a
      configuration file that is read
    + timeout: seconds to wait for an answer, unless the configuration file says otherwise
    + section: of the configuration file, which is read then; else the one whose url is this one

    Raises Misconfigured in words where the settings are not enough or contradict each other.
    """
    if isinstance(verify, str) and not os.path.exists(verify):
        raise Misconfigured(f"the CA file {verify} does not exist: correct GITLAB_CA_FILE")
    found: dict[str, object] = {"ssl_verify": verify, "timeout": timeout}
    if not (url and token.unmask()) or section:
        found |= file.read(url, section)
        if verify is not True:
            found["ssl_verify"] = verify
    if url:
        found["url"] = url
    if token.unmask():
        found = {name: value for name, value in found.items() if name not in file.TOKENS}
        found["private_token"] = token.unmask()
    _look(found)
    # A gateway may have GitLab write other addresses into its pages; the next one is read here.
    return gitlab.Gitlab(**{**found, "keep_base_url": True})  # type: ignore[arg-type]


def _look(found: dict[str, object]) -> None:
    """Refuse what no token is, and warn where somebody else may read it."""
    for name in file.TOKENS:
        token = str(found.get(name) or "")
        never_show(token)
        if not token.isprintable():
            where = "GITLAB_TOKEN, or the one in python-gitlab.cfg,"
            raise Misconfigured(f"{where} has characters that no token has, such as a line break")
    url = str(found["url"])
    if url.lower().startswith("http://"):
        logger.warning(f"{without_credentials(url)} is http: anyone on the way can read the token")
    elif found["ssl_verify"] is False:
        logger.warning("gitlab_ssl_verify is off: anyone on the way can read the token")
