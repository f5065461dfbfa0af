"""The program gitlab-rake in the toolbox: it boots slowly, prints as it goes, and asks the lab.

It runs on its own, as a real and really slow process that can be killed at any moment.
"""

import http.client
import json
import os
import sys
from typing import Any
from urllib.parse import urlsplit


def ask(path: str, document: Any) -> dict[str, Any]:
    """Send a document to the lab and return its answer."""
    url = urlsplit(os.environ["LAB_RAKE_URL"])
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=None)
    connection.request("POST", f"{url.path}/{path}", json.dumps(document))
    answer: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def show(answer: dict[str, Any]) -> None:
    """Print what the lab says, and end where it says so."""
    for line in answer["stdout"]:
        print(line, flush=True)
    for line in answer["stderr"]:
        print(line, file=sys.stderr, flush=True)
    if "exit" in answer:
        sys.exit(answer["exit"])


def main(arguments: list[str]) -> None:
    """Run one task: `gitlab-rake TASK [NAME=value …]`."""
    variables = dict(word.split("=", 1) for word in arguments if "=" in word)
    tasks = [word for word in arguments if "=" not in word]
    started = ask(
        "start",
        {
            "task": tasks[0] if tasks else "default",
            "version": variables.get("VERSION", os.environ.get("VERSION", "")),
            "pod": os.environ.get("HOSTNAME", ""),
            "pid": os.getpid(),
            "force_copy": bool(os.environ.get("FORCE_COPY_RUNNER_TAGGINGS")),
        },
    )
    ask("wait", started["seconds"])
    answer = ask("begin", started["number"])
    show(answer)
    ask("wait", answer["seconds"])
    show(ask("finish", started["number"]))


if __name__ == "__main__":
    main(sys.argv[1:])
