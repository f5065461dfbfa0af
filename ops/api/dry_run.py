"""Whether this run is a preview: pyinfra 3.10 tells it to nobody but its own command line."""

import click

_dry_run = False


def remember() -> None:
    """Remember what the command line says; called while pyinfra loads config.py."""
    global _dry_run
    context = click.get_current_context(silent=True)
    _dry_run = bool(context and context.params.get("dry"))


def is_dry_run() -> bool:
    """Return whether the run ends with the preview, and so changes nothing."""
    return _dry_run
