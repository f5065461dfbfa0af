"""What the API says of rights that were given: it is asked again until they hold, for a moment."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyinfra.api.host import Host
from pyinfra.api.state import State
from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_fixed

from ops.api.console import report
from ops.api.verdict import verdict
from ops.http.watch import READ_ERRORS, ask
from ops.kubernetes.facts import AccessReview
from ops.kubernetes.rules import show


def by(accesses: Iterable[Mapping[str, str]], *names: str) -> list[list[Mapping[str, str]]]:
    """Return accesses in groups of those that have the same values of some attributes."""
    found: dict[tuple[str, ...], list[Mapping[str, str]]] = {}
    for one in accesses:
        found.setdefault(tuple(one[name] for name in names), []).append(one)
    return list(found.values())


def _reviewed(host: Host, account: str, one: Mapping[str, str]) -> dict[str, str]:
    def review() -> dict[str, Any]:
        try:
            return dict(ask(host, AccessReview, resource=dict(one), user=account))
        except READ_ERRORS as error:
            return {"allowed": False, "reason": f"could not be asked: {error}"}

    # The API's authorizer follows what is stored, and may be a moment behind it.
    answer = Retrying(
        retry=retry_if_result(lambda answer: not answer["allowed"]),
        stop=stop_after_attempt(4),
        wait=wait_fixed(0.5),
        retry_error_callback=lambda last: last.outcome.result() if last.outcome else None,
    )(review)
    word = "allowed" if answer["allowed"] else "DENIED"
    return {**one, "answer": f"{word} {answer['reason']}".rstrip()}


def see(state: State, host: Host, account: str, wanted: Sequence[Mapping[str, str]]) -> bool:
    """Print what an account may do, and return whether that is all that is wanted."""
    seen = [_reviewed(host, account, one) for one in wanted]
    for ones in by(seen, "namespace", "answer"):
        report(host, [f"{show(*ones)}: {ones[0]['answer']}"])
    denied = [one for one in seen if not one["answer"].startswith("allowed")]
    if denied:
        verdict.undone(host.name, f"{account} may not {show(*denied[:1])}")
    else:
        verdict.proven(f"{account} may do all of it, says the API")
    return not denied
