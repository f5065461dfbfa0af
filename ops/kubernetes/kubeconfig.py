"""Where the API of a cluster is, and with what credentials: data of hosts, and a kubeconfig."""

import copy
import os
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import urlsplit

import yaml
from pyinfra.connectors.base import DataMeta

from ops.api.settings.kinds import Seconds
from ops.http.response import Misconfigured, shorten
from ops.kubernetes.tunnel import Tunnel

if TYPE_CHECKING:
    from kubernetes.client import Configuration

REMOTE_KUBECONFIG = "cat ${KUBECONFIG:-$HOME/.kube/config}"


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
    "kubernetes_via": DataMeta("SSH host to reach the API through, user@host; empty: directly"),
    "kubernetes_config": DataMeta("Path of the kubeconfig; else KUBECONFIG, else as described"),
    "kubernetes_context": DataMeta("Context of the kubeconfig; else its current one"),
    "kubernetes_timeout": DataMeta("Seconds to wait for an answer", 30),
    "kubernetes_deadline": DataMeta("Seconds for a request with all its repetitions", 120),
    "ssh_config_file": DataMeta("Another file than ~/.ssh/config"),
    "ssh_known_hosts_file": DataMeta("Another file than ssh_config's UserKnownHostsFile"),
    "ssh_strict_host_key_checking": DataMeta("Instead of ssh_config's StrictHostKeyChecking"),
}


def new_tunnel(data: ClusterData) -> Tunnel:
    """Return the way through the SSH host that the data names."""
    return Tunnel(
        data["kubernetes_via"],
        _pyinfra_ssh_config_file=data["ssh_config_file"],
        _pyinfra_ssh_known_hosts_file=data["ssh_known_hosts_file"],
        _pyinfra_ssh_strict_host_key_checking=data["ssh_strict_host_key_checking"],
    )


def read_configuration(data: ClusterData, tunnel: Tunnel | None) -> "Configuration":
    """Return the server and the credentials of a kubeconfig, the far side's through a tunnel."""
    from kubernetes.client import Configuration
    from kubernetes.config import ConfigException, load_kube_config, load_kube_config_from_dict

    configuration = Configuration()
    context = data["kubernetes_context"] or None
    path = data["kubernetes_config"] or os.environ.get("KUBECONFIG")
    try:
        if path or tunnel is None:
            load_kube_config(path, context, configuration, persist_config=False)
        else:
            text = tunnel.read_command(REMOTE_KUBECONFIG)
            load_kube_config_from_dict(yaml.safe_load(text), context, configuration, False)
    except ConfigException as error:
        raise Misconfigured(f"the kubeconfig cannot be used: {shorten(str(error))}") from None
    except OSError:
        raise
    except Exception as error:
        # A parser's message may quote the line with the token.
        raise Misconfigured(f"the kubeconfig cannot be read ({type(error).__name__})") from None
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
    port = tunnel.forward((server.hostname, server.port or 443))
    # The certificate belongs to the API's real name, not to this end of the tunnel.
    configuration.tls_server_name = configuration.tls_server_name or server.hostname
    configuration.host = f"https://127.0.0.1:{port}"
