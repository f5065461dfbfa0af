"""A pod as a host of pyinfra."""

from dataclasses import dataclass

from lab_process import Pyinfra

DIRECTLY = ("--data", "kubernetes_via=")


@dataclass(frozen=True)
class PodHost:
    """pyinfra, and the name by which it knows the pod."""

    pyinfra: Pyinfra
    host: str

    def execute(self, command: str) -> tuple[int, str]:
        """Run a command in it with `pyinfra exec`."""
        return self.pyinfra.run(self.host, "exec", *DIRECTLY, "--", command)

    def deploy(self, text: str) -> tuple[int, str]:
        """Run a deploy on it."""
        return self.pyinfra.run(self.host, self.pyinfra.write(text), "-y", *DIRECTLY)
