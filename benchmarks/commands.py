"""Time commands on the practice site: `make benchmark`.

Each command runs several times in a process of its own; the table has the median in seconds. The
preview of the main job may take twice as long as `pyinfra @local exec -- true`, the overview two
seconds. An exit code of 1 is the overview's where something needs attention.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from tabulate import tabulate

RUNS = 9
PYINFRA = str(Path(sys.executable).with_name("pyinfra"))
COMMANDS = {
    "python -m lab run -- true": [sys.executable, "-m", "lab", "run", "--", "true"],
    "pyinfra @local exec -- true": [PYINFRA, "@local", "exec", "--", "true"],
    "pyinfra inventory.py deploys/fix_tags.py --dry": [
        *(PYINFRA, "inventory.py", "deploys/fix_tags.py", "--dry")
    ],
    "pyinfra inventory.py deploys/overview.py --dry": [
        *(PYINFRA, "inventory.py", "deploys/overview.py", "--dry")
    ],
    "pyinfra inventory.py fact ops.gitlab.facts.runners.Runner": [
        *(PYINFRA, "inventory.py", "fact", "ops.gitlab.facts.runners.Runner")
    ],
}


def seconds(command: list[str]) -> float:
    """Run a command once and return how long it took."""
    began = time.perf_counter()
    code = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode
    if code and not (code == 1 and "deploys/overview.py" in command):
        raise SystemExit(f"{' '.join(command)} ended with exit code {code}")
    return time.perf_counter() - began


def main() -> None:
    """Print the median of each command, and how it compares with the second one."""
    medians = {}
    for name, command in COMMANDS.items():
        seconds(command)  # The first run fills caches.
        medians[name] = statistics.median(seconds(command) for _ in range(RUNS))
    base = medians["pyinfra @local exec -- true"]
    rows = [[name, f"{median:.2f}", f"{median / base:.2f}"] for name, median in medians.items()]
    print(tabulate(rows, ["command", "seconds", "times @local"], disable_numparse=True))


if __name__ == "__main__":
    main()
