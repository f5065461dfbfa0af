"""The grammar of Kubernetes' names (DNS-1123), of which several settings are made.

https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
"""

LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
SUBDOMAIN = rf"{LABEL}(\.{LABEL})*"
