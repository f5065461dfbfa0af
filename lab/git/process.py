"""Git as a process, with nothing of this machine's configuration."""

import asyncio
import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress

NULL = "0" * 40


class GitFailed(Exception):
    """A git command ended with an error; the text is what it printed."""


def git_now(*arguments: str, stdin: bytes = b"") -> bytes:
    """Run git and wait for it: for the start, before anything is served."""
    command = ["git", *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, env=_environment({}))
    if done.returncode != 0:
        raise GitFailed(done.stderr.decode(errors="replace").strip())
    return done.stdout


async def git(
    *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None
) -> bytes:
    """Run git and return its output; raise GitFailed where it fails."""
    process = await asyncio.create_subprocess_exec(
        "git",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(environment or {}),
    )
    try:
        output, errors = await process.communicate(stdin)
    finally:
        # The client may be gone before git is done.
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
    if process.returncode != 0:
        raise GitFailed(errors.decode(errors="replace").strip())
    return output


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {
        **mine,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
        **extra,
    }
