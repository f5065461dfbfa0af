"""Which versions of its groups the API server serves.

Strimzi added v1 beside v1beta2 in 0.49, and serves v1 alone since 1.0.
https://github.com/strimzi/strimzi-kafka-operator/blob/main/CHANGELOG.md
"""

from collections.abc import Iterable

from lab.kubernetes.resources import RESOURCES, STRIMZI

AUTHORIZATION = "authorization.k8s.io"  # It has no objects, only questions.
VERSION = "1.32.4"
# Versions that a group may be served in, the preferred one first; of the others there is one.
POSSIBLE: dict[str, tuple[str, ...]] = {STRIMZI: ("v1", "v1beta2")}


class Served:
    """The versions of each group, the preferred one first.

    Settings: `version`, that of the API server, and `strimzi`, those of Strimzi's resources;
    without any of these it is not installed.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Serve what the installation of the beginning serves."""
        self.version = VERSION
        self._strimzi = POSSIBLE[STRIMZI]

    @property
    def minor(self) -> int:
        """The minor version of the API server."""
        return int(self.version.split(".")[1])

    @property
    def strimzi(self) -> Iterable[str]:
        """The versions of Strimzi's resources."""
        return self._strimzi

    @strimzi.setter
    def strimzi(self, versions: Iterable[str]) -> None:
        if not set(versions) <= set(POSSIBLE[STRIMZI]):
            raise ValueError(f"strimzi_versions are some of {', '.join(POSSIBLE[STRIMZI])}")
        self._strimzi = tuple(v for v in POSSIBLE[STRIMZI] if v in versions)

    def groups(self) -> dict[str, tuple[str, ...]]:
        """Return the versions of each group that is served; the core group is not among them."""
        found = _single() | {AUTHORIZATION: ("v1",), STRIMZI: self._strimzi}
        return {group: versions for group, versions in sorted(found.items()) if versions}

    def roots(self) -> list[str]:
        """Return the paths below which resources are."""
        found = [
            f"/apis/{group}/{v}" for group, versions in self.groups().items() for v in versions
        ]
        return ["/api/v1", *found]


def possible_roots() -> list[str]:
    """Return the paths below which resources may be, in one installation or another."""
    known = sorted((_single() | POSSIBLE).items())
    return ["/api/v1", *(f"/apis/{group}/{v}" for group, versions in known for v in versions)]


def _single() -> dict[str, tuple[str, ...]]:
    return {r.group: (r.version,) for r in RESOURCES.values() if r.group}
