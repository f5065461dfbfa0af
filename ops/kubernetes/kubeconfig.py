"""Where the API of a cluster is, and with what credentials: data of hosts, and a kubeconfig."""

import copy
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import urlsplit

from pyinfra import logger
from pyinfra.connectors.base import DataMeta

from ops.api.settings.kinds import Seconds
from ops.http.response import Misconfigured, shorten
from ops.kubernetes import kubeconfig_files, proxies
from ops.kubernetes.tunnel import Tunnel

if TYPE_CHECKING:
    from kubernetes.client import Configuration

PORTS = {"http": 80, "https": 443}


class ClusterData(TypedDict):
    """Host data of `@kubernetes` and `@pod`."""

    kubernetes_via: str
    kubernetes_config: str
    kubernetes_context: str
    kubernetes_timeout: Seconds
    kubernetes_deadline: Seconds
    ssh_config_file: str
    ssh_known_hosts_file: str
    ssh_strict_host_key_checking: str


cluster_data_meta = {
    "kubernetes_via": DataMeta(
        "SSH host to reach the API through, user@host:port; empty: directly"
    ),
    "kubernetes_config": DataMeta(
        "Paths of the kubeconfig, as in KUBECONFIG; else that, else as described"
    ),
    "kubernetes_context": DataMeta("Context of the kubeconfig; else its current one"),
    "kubernetes_timeout": DataMeta("Seconds for which nothing may come", 30),
    "kubernetes_deadline": DataMeta("Seconds for a request with all attempts and pages", 120),
    "ssh_config_file": DataMeta("Another file than ~/.ssh/config"),
    "ssh_known_hosts_file": DataMeta("Another file than ssh_config's UserKnownHostsFile"),
    "ssh_strict_host_key_checking": DataMeta("Instead of ssh_config's StrictHostKeyChecking"),
}


def new_tunnel(data: ClusterData) -> Tunnel:
    """Return the way through the SSH host that the data names."""
    try:
        return Tunnel(
            data["kubernetes_via"],
            _pyinfra_ssh_config_file=data["ssh_config_file"],
            _pyinfra_ssh_known_hosts_file=data["ssh_known_hosts_file"],
            _pyinfra_ssh_strict_host_key_checking=data["ssh_strict_host_key_checking"],
        )
    except ValueError as error:
        raise Misconfigured(f"kubernetes_via: {error}") from None


def read_configuration(data: ClusterData, tunnel: Tunnel | None) -> "Configuration":
    """Return the server and the credentials of a kubeconfig, the far side's through a tunnel."""
    from kubernetes.client import Configuration
    from kubernetes.config import ConfigException, load_kube_config_from_dict

    configuration = Configuration()
    context = data["kubernetes_context"] or None
    paths = data["kubernetes_config"] or os.environ.get("KUBECONFIG") or ""
    try:
        if paths or tunnel is None:
            document = kubeconfig_files.read(paths)
        else:
            limit = data["kubernetes_deadline"]
            text = tunnel.read_command(kubeconfig_files.REMOTE, "the kubeconfig", limit)
            document = kubeconfig_files.read_printed(text, tunnel.via)
        load_kube_config_from_dict(document, context, configuration, False)
        named = _proxy_url(document, context)
    except ConfigException as error:
        raise Misconfigured(f"the kubeconfig cannot be used: {shorten(str(error))}") from None
    except (OSError, Misconfigured):
        raise
    except Exception as error:
        # A parser's message may quote the line with the token.
        raise Misconfigured(f"the kubeconfig cannot be read ({type(error).__name__})") from None
    proxies.settle(configuration, named, tunnel is not None)
    _warn_of_plain_text(configuration)
    configuration.retries = False  # ops/http/retry.py decides.
    return configuration


def copy_for_connections(credentials: "Configuration") -> "Configuration":
    """Return a configuration that is not changed when a token is renewed."""
    configuration = copy.copy(credentials)
    configuration.refresh_api_key_hook = None
    return configuration


def go_through(tunnel: Tunnel, configuration: "Configuration") -> None:
    """Lead a configuration through a tunnel."""
    server = urlsplit(configuration.host)
    if not server.hostname:
        raise Misconfigured("the kubeconfig names no server")
    tunnel.open()
    port = tunnel.forward((server.hostname, server.port or PORTS.get(server.scheme, 443)))
    # The certificate belongs to the API's real name, not to this end of the tunnel.
    configuration.tls_server_name = configuration.tls_server_name or server.hostname
    # What stands after the host is a part of the API's address (Rancher).
    configuration.host = f"{server.scheme}://127.0.0.1:{port}{server.path}"


def _proxy_url(document: Mapping[str, Any], context: str | None) -> str | None:
    wanted = context or document.get("current-context")
    of_context = {entry["name"]: entry["context"] for entry in document.get("contexts", [])}
    of_cluster = {entry["name"]: entry["cluster"] for entry in document.get("clusters", [])}
    found = of_cluster.get(of_context.get(wanted, {}).get("cluster")) or {}
    return found.get("proxy-url")


def _warn_of_plain_text(configuration: "Configuration") -> None:
    if configuration.host.startswith("http://") and configuration.api_key:
        logger.warning(
            f"{configuration.host} is http://, so the token of the kubeconfig can be read on the"
            " way: use https://"
        )
