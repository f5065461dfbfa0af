"""Settings of pyinfra for this repository."""

from pyinfra import config

from ops.api import console

console.install()
config.REQUIRE_PYINFRA_VERSION = "~=3.10"
config.DIFF = True
# A target that cannot be reached or read stops the run before anything is changed.
config.FAIL_PERCENT = 0
