"""The CronJob controller, as far as the tag enforcer goes."""

import asyncio
import re
import time
from typing import Any

from lab.gitlab.state import GitLab
from lab.kubernetes.state import Kubernetes, now
from lab.server.clock import Clock

SET_TAGS = re.compile(r"""^\s*set_tags (\d+) ["']?([\w,.-]+)["']?\s*$""", re.MULTILINE)
JOB = ("cronjobs", "gitlab-runner", "runner-tag-enforcer")
SCRIPT = ("configmaps", "gitlab-runner", "runner-tag-enforcer-script")


class Enforcer:
    """Fire the enforcer's CronJob: what its script would set through the API is set at once.

    + minute: seconds that a minute of the schedule takes
    """

    def __init__(self, kubernetes: Kubernetes, gitlab: GitLab, clock: Clock, minute: float) -> None:
        self.kubernetes = kubernetes
        self.gitlab = gitlab
        self.clock = clock
        self.minute = minute
        self.fires: list[dict[str, Any]] = []
        self._minutes = 0
        self._begin = asyncio.Event()

    def reset(self) -> None:
        """Forget all fires, and begin the first minute anew."""
        self.fires.clear()
        self._minutes = 0
        self._begin.set()

    async def run(self) -> None:
        """Fire at each minute at which the schedule says so."""
        while True:
            self._begin.clear()
            if not await self._minute_is_over():
                continue
            self._minutes += 1
            spec = self.kubernetes.get(*JOB)["spec"]
            step = re.match(r"\*/(\d+)", spec["schedule"])
            due = self._minutes % int(step[1]) == 0 if step else spec["schedule"].startswith("*")
            if due and not spec.get("suspend"):
                self.fire()

    async def _minute_is_over(self) -> bool:
        """Wait for the end of the minute; return False where it begins anew."""
        events = (self.clock.sleep(self.minute), self._begin.wait())
        over, anew = (asyncio.ensure_future(event) for event in events)
        try:
            await asyncio.wait((over, anew), return_when=asyncio.FIRST_COMPLETED)
            return not anew.done()
        finally:
            over.cancel()
            anew.cancel()

    def fire(self) -> None:
        """Run the script once."""
        script = self.kubernetes.get(*SCRIPT)["data"]["enforce.sh"]
        for number, tags in SET_TAGS.findall(script):
            self.gitlab.set_tags(int(number), tags.split(","), "enforcer")
        self.kubernetes.get(*JOB).setdefault("status", {})["lastScheduleTime"] = now()
        self.fires.append({"time": time.time()})
