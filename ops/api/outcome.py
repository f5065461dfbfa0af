"""What earlier operations of the run came to, on whatever hosts they ran."""

from collections.abc import Callable

from pyinfra import context


def succeeded(name: str) -> Callable[[], bool]:
    """Return a condition for `_if=`: the operation with this name was done on all of its hosts.

    + name: the `name=` of an operation earlier in the deploy, without the names of deploys that it
      is a part of

    An operation that was not executed yet, or on no host, has not succeeded.
    """

    def condition() -> bool:
        state = context.state
        results = [
            operations[op_hash].operation_meta
            for op_hash, meta in state.op_meta.items()
            if any(full == name or full.endswith(f" | {name}") for full in meta.names)
            for operations in state.ops.values()
            if op_hash in operations
        ]
        return bool(results) and all(
            result.is_complete() and result.did_succeed() for result in results
        )

    return condition
