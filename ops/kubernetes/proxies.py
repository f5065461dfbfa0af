"""Through which proxy the Kubernetes API is reached: as kubectl decides, and said once for all."""

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ops.http.response import Misconfigured

if TYPE_CHECKING:
    from kubernetes.client import Configuration


def settle(configuration: "Configuration", named: str | None, through_tunnel: bool) -> None:
    """Leave in a configuration the proxy that its server is reached through, or none.

    + named: `proxy-url` of the kubeconfig, which counts whatever NO_PROXY says, as for kubectl
    + through_tunnel: the address is a port of our own, on this machine

    Raises Misconfigured where the proxy is of a kind that requests or exec cannot use.
    """
    from kubernetes.client.rest import should_bypass_proxies
    from urllib3 import make_headers

    if through_tunnel and named:
        raise Misconfigured(
            "the kubeconfig has a proxy-url, and kubernetes_via is another way: take one of them"
        )
    server = configuration.host
    proxy = named or configuration.proxy
    own = through_tunnel or (not named and _is_loopback(urlsplit(server).hostname or ""))
    if own or (not named and should_bypass_proxies(server, configuration.no_proxy or "")):
        proxy = None
    # What is settled here is not to be decided again, by other rules, for requests and for exec.
    configuration.proxy = proxy
    configuration.no_proxy = None
    if not proxy:
        return
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    origin = "proxy-url of the kubeconfig" if named else "HTTPS_PROXY or HTTP_PROXY"
    where = f"{parts.scheme}://{parts.hostname}"
    if parts.scheme != "http" or not parts.hostname:
        raise Misconfigured(
            f"{origin} is {where}: only a proxy with http:// can be used; kubernetes_via leads"
            " through an SSH host, and NO_PROXY past a proxy of the environment"
        )
    address = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    configuration.proxy = f"http://{address}:{parts.port or 80}"
    if parts.username:
        user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        configuration.proxy_headers = make_headers(proxy_basic_auth=user)


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
