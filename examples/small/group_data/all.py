"""How often the site is looked at. The Kubernetes API is reached directly, with $KUBECONFIG."""

from os import environ

ssh_config_file = environ.get("SSH_CONFIG_FILE") or "~/.ssh/config"
watch_interval = environ.get("WATCH_INTERVAL") or 5  # seconds between two looks of a watching job

# Records of runs (docs/records.md); an empty RECORD_DIRECTORY: none.
_records = environ.get("RECORD_DIRECTORY")
_state = environ.get("XDG_STATE_HOME") or "~/.local/state"
record_directory = f"{_state}/site-operations/runs" if _records is None else _records
record_keep_count = environ.get("RECORD_KEEP_COUNT") or 200
record_keep_days = environ.get("RECORD_KEEP_DAYS") or 400

# One run at a time (docs/lock.md); an empty LOCK_NAME: no lock.
lock_name = environ.get("LOCK_NAME", "site-operations")
_lock = environ.get("LOCK_DIRECTORY")
lock_directory = f"{_state}/site-operations" if _lock is None else _lock
lock_seconds = environ.get("LOCK_SECONDS") or 120
