"""Settings of pyinfra for this repository."""

from pyinfra import config, context

from ops.site.clone import configure

configure(__file__)

from ops.api import (
    command_line,
    debug_log,
    ending,
    environment,
    guards,
    hooks,
    json_output,
    live,
    preparation,
    pyinfra_log,
    speedups,
)
from ops.api.confirmation import confirm
from ops.api.plan_view import show_plan
from ops.api.printable import printable
from ops.api.stop import before_disconnecting, stop_on_signals
from ops.site import plan_file, run_lock, run_record, settings
from ops.site.windows import guard as windows
from ops.ssh.client import use_for_pyinfra

config.REQUIRE_PYINFRA_VERSION = "~=3.10"
config.DIFF = True
# A target that cannot be reached or read stops the run before anything is changed.
config.FAIL_PERCENT = 0

pyinfra_log.install(before=show_plan)
live.install()
debug_log.install()
environment.install()
environment.take(["GITLAB_TOKEN"])
command_line.remember(settings.hidden_names())
ending.install(
    tells_pending=lambda: settings.All.of(context.inventory).detailed_exit_code,
    overview="overview",
    keep=run_record.finish,
)
json_output.install()
stop_on_signals()
speedups.install()
hooks.around_the_end(before_disconnecting)
hooks.around_files(preparation.in_words)
hooks.around_the_preparation(preparation.for_all_hosts)
preparation.always()
plan_file.install()
run_record.install()
windows.install()
guards.install()
run_lock.install()
hooks.before_printing_facts(printable)
hooks.to_confirm(confirm)
hooks.before_connecting(settings.look)
use_for_pyinfra()
