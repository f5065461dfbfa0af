"""The settings of a GitLab client: URL, token, CA file, python-gitlab's configuration file."""

import os

import gitlab
from gitlab.config import ConfigError
from pyinfra import logger

from ops.api.secret import Secret
from ops.http.response import Misconfigured


def new_client(url: str | None, token: Secret, verify: bool | str, timeout: float) -> gitlab.Gitlab:
    """Return a client for a GitLab installation.

    + url, token: where and as whom; where one is missing, python-gitlab.cfg is read
    + verify: whether the certificate is checked, or the PEM file of its CA
    + timeout: seconds to wait for an answer, unless the configuration file says otherwise

    Raises Misconfigured in words where the settings are not enough or contradict each other.
    """
    if isinstance(verify, str) and not os.path.exists(verify):
        raise Misconfigured(f"the CA file {verify} does not exist: correct GITLAB_CA_FILE")
    if verify is False:
        logger.warning("gitlab_ssl_verify is off: anyone on the way can read the token")
    if not token.unmask().isprintable():
        raise Misconfigured("GITLAB_TOKEN has characters that no token has, such as a line break")
    if url and token.unmask():
        return gitlab.Gitlab(
            url,
            private_token=token.unmask(),
            ssl_verify=verify,
            timeout=timeout,
            keep_base_url=True,
        )
    client = _from_file()
    if url and client.url != url.rstrip("/"):
        raise Misconfigured(f"no token for {url}: python-gitlab.cfg is about {client.url}")
    client.timeout = client.timeout or timeout
    if isinstance(verify, str):
        client.ssl_verify = verify
    return client


def _from_file() -> gitlab.Gitlab:
    try:
        return gitlab.Gitlab.from_config()
    except ConfigError as error:
        raise Misconfigured(
            f"no token for GitLab: set GITLAB_URL and GITLAB_TOKEN ({error})"
        ) from None
    except Exception as error:
        # A parser's message may quote the line with the token; a failed helper has its own error.
        raise Misconfigured(
            f"python-gitlab.cfg cannot be used ({type(error).__name__}): correct it, or its helper"
            " (does the password store answer?)"
        ) from None
