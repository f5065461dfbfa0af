"""Settings of pyinfra for this repository."""

from pyinfra import config

from ops.site.clone import configure

configure(__file__)

from ops.api import console, debug_log, dry_run, environment, hooks, preparation, speedups
from ops.api.confirmation import confirm
from ops.api.printable import printable
from ops.api.stop import before_disconnecting, stop_on_signals
from ops.site import settings
from ops.ssh.client import use_for_pyinfra

config.REQUIRE_PYINFRA_VERSION = "~=3.10"
config.DIFF = True
# A target that cannot be reached or read stops the run before anything is changed.
config.FAIL_PERCENT = 0

console.install()
debug_log.install()
environment.install()
environment.take(["GITLAB_TOKEN"])
dry_run.remember()
stop_on_signals()
speedups.install()
hooks.around_the_end(before_disconnecting)
hooks.around_files(preparation.in_words)
preparation.always()
hooks.before_printing_facts(printable)
hooks.to_confirm(confirm)
hooks.before_connecting(settings.look)
use_for_pyinfra()
