"""The whole site at a glance; nothing is changed. Operation, on `@local`: `area`."""

from ops.site.overview.operations import area, areas

__all__ = ["area", "areas"]
