"""How the site is reached, and how often it is looked at. docs/settings.md says what is allowed."""

from os import environ

# The Kubernetes API is reached through the control node, which also has the kubeconfig; directly
# where an own kubeconfig is named, unless KUBERNETES_VIA says through which host.
kubernetes_via = environ.get(
    "KUBERNETES_VIA", "" if environ.get("KUBECONFIG") else "root@10.0.10.201"
)
ssh_config_file = environ.get("SSH_CONFIG_FILE") or "~/.ssh/config"

watch_interval = environ.get("WATCH_INTERVAL") or 5  # seconds between two looks of a watching job
# Exit code 2 of a preview that has changes, for programs that ask: DETAILED_EXIT_CODE=1.
detailed_exit_code = environ.get("DETAILED_EXIT_CODE", "").lower() in ("1", "true", "yes")

# Records of runs (docs/records.md); an empty RECORD_DIRECTORY: none.
_records = environ.get("RECORD_DIRECTORY")
_state = environ.get("XDG_STATE_HOME") or "~/.local/state"
record_directory = f"{_state}/site-operations/runs" if _records is None else _records
record = environ.get("UNDO_RECORD", "")  # the run that `undo` takes back
record_keep_count = environ.get("RECORD_KEEP_COUNT") or 200
record_keep_days = environ.get("RECORD_KEEP_DAYS") or 400

# When something may be changed (docs/windows.md); without windows: at any time.
windows = []
window_exceptions = []
window_calendars = {}
site_zone = "Europe/Berlin"
put_back_time = ""
run_times = {}  # such as {"fix_tags": "20m"}; without one as long as the records say

# One run at a time (docs/lock.md); an empty LOCK_NAME: no lock.
lock_name = environ.get("LOCK_NAME", "site-operations")
lock_namespace = environ.get("LOCK_NAMESPACE", "gitlab-runner")  # of the Lease
_lock = environ.get("LOCK_DIRECTORY")
lock_directory = f"{_state}/site-operations" if _lock is None else _lock
lock_seconds = environ.get("LOCK_SECONDS") or 120
