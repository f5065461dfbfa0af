"""Operations on a GitLab installation and its runners (https://docs.gitlab.com/api/runners/)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pyinfra import host
from pyinfra.api.command import PyinfraCommand
from pyinfra.api.exceptions import OperationValueError
from pyinfra.api.host import Host

from ops.api.action import Action
from ops.api.difference import difference, show
from ops.api.operation import human_name, operation, read
from ops.api.reverse import Reverse, values
from ops.gitlab.facts.runners import Runner
from ops.gitlab.runner_query import NULLABLE
from ops.gitlab.runners.tag_watch import watch_tags
from ops.gitlab.tags import check_tags
from ops.http.request import Request, put


@operation
def runner(
    tags: Collection[str] | None = None,
    paused: bool | None = None,
    run_untagged: bool | None = None,
    description: str | None = None,
    locked: bool | None = None,
    access_level: str | None = None,
    maximum_timeout: int | None = None,
    maintenance_note: str | None = None,
    cleared: Collection[str] = (),
    tag_removal_allowed: bool = False,
) -> Iterator[PyinfraCommand]:
    """
    Set the settings of a runner. Only what is passed is compared and sent.

    + tags: the whole set of tags; order means nothing, case does
    + paused: whether the runner takes no new jobs
    + run_untagged: whether it takes jobs without tags
    + description: its name for people
    + locked: whether it is locked to its projects
    + access_level: "not_protected" or "ref_protected"
    + maximum_timeout: longest time of a job in seconds, 600 or more
    + maintenance_note: text for administrators; an empty one takes it away
    + cleared: settings to leave without a value, such as "maximum_timeout", which None would leave
      as they are
    + tag_removal_allowed: approval to take away a tag that the runner has

    Raises OperationValueError where a tag is invalid, where tags would be taken away without
    approval, or where a setting cannot be cleared; OperationError where the runner cannot be read.
    One PUT /runners/:id at most.

    **Example:**

    ```python
    runners.runner(
        name="Set the tags of the runner",
        tags=["experiment", "kubernetes"],
    )
    ```
    """
    wanted: dict[str, Any] = {
        "description": description,
        "paused": paused,
        "tag_list": None if tags is None else _valid_tags(tags),
        "run_untagged": run_untagged,
        "locked": locked,
        "access_level": access_level,
        "maximum_timeout": maximum_timeout,
        "maintenance_note": maintenance_note,
    }
    wanted = {name: value for name, value in wanted.items() if value is not None}
    wanted |= dict.fromkeys(_clearable(cleared))
    yield from requests(wanted, tag_removal_allowed)


def requests(wanted: Mapping[str, Any], tag_removal_allowed: bool) -> Iterator[Request]:
    """Yield the request that gives the runner settings, if it has not all of them.

    + wanted: by their names in GitLab's API; tags are a set
    + tag_removal_allowed: as of `runner`
    """
    live = read(host, Runner)
    before = {name: live[name] for name in wanted}
    if "tag_list" in wanted:
        before["tag_list"] = set(live["tag_list"])
        check_tag_removal(host, before["tag_list"], wanted["tag_list"], tag_removal_allowed)
    changed = {n: v for n, v in wanted.items() if not _is_same(before[n], v)}
    if not changed:
        host.noop("the runner already is as wanted")
        return
    body = {name: sorted(v) if name == "tag_list" else v for name, v in changed.items()}
    changes = difference({name: before[name] for name in changed}, changed)
    back = values({name: before[name] for name in changed}, changed)
    yield put(host.data.gitlab_path, body, changes).taken_back_by(Reverse(values=back))


@operation
def tag_persistence(
    tags: Mapping[int, Collection[str]],
    seconds: int = 300,
    interval: float = 10,
    advice: Sequence[str] = (),
) -> Iterator[PyinfraCommand]:
    """
    Prove that runners keep their tags: read all of them again and again for a time.

    + tags: the tags that each runner must keep, by the runner's id
    + seconds: how long they must last
    + interval: seconds between two reads
    + advice: lines to print when the proof fails: what to try next

    It holds when the first read, the reads between and one after the time was over show all tags.
    Reads that fail are repeated; they prove nothing. It fails as soon as a loss was seen and three
    more reads showed no further one, and prints which runner lost which tag after how long.

    **Example:**

    ```python
    runners.tag_persistence(
        name="Prove that the tags last",
        tags={17: ["experiment", "kubernetes"]},
        seconds=300,
        interval=10,
    )
    ```
    """
    wanted = {number: set(names) for number, names in tags.items()}
    text = f"watch {len(wanted)} runners for {seconds} s, every {interval} s"
    yield Action(text, watch_tags, wanted, seconds, interval, list(advice), is_check=True)


def mass_wipe(
    wanted: Mapping[int, Collection[str]], live: Mapping[int, Mapping[str, Any]]
) -> str | None:
    """Return a diagnosis where two or more runners have no tags at all at the same time, else None.

    Source: https://gitlab.com/gitlab-org/gitlab/-/issues/524402
    """
    empty = [number for number in wanted if number in live and not live[number]["tag_list"]]
    if len(empty) < 2:
        return None
    return (
        f"{len(empty)} of {len(wanted)} runners have no tags at once. This is GitLab issue 524402:"
        " its table ci_runner_taggings was emptied, and tags that are set vanish again until the"
        " database is repaired."
    )


def _valid_tags(tags: Collection[str]) -> set[str]:
    if isinstance(tags, str):
        raise OperationValueError(f"{host.name}: tags must be a list of text, not {tags!r}")
    try:
        check_tags(tags)
    except ValueError as error:
        raise OperationValueError(f"{host.name}: {error}") from None
    return set(tags)


def _is_same(before: Any, wanted: Any) -> bool:
    # An empty text and none are told apart by no user, and GitLab may answer either.
    return bool(before == wanted) or (before, wanted) in ((None, ""), ("", None))


def _clearable(names: Collection[str]) -> Collection[str]:
    wrong = sorted(set(names) - set(NULLABLE))
    if wrong:
        raise OperationValueError(
            f"{host.name}: {show(set(wrong))} cannot be cleared, only {show(set(NULLABLE))}"
        )
    return names


def check_tag_removal(runner: Host, live: set[str], wanted: set[str], allowed: bool) -> None:
    """Raise OperationValueError where tags would be taken away from a runner without approval.

    + runner: the host that the runner is
    + live, wanted: its tags, and the ones that it is to have
    + allowed: the approval
    """
    removed = live - wanted
    if not removed or allowed:
        return
    left = "leave it without tags" if not wanted else f"take away {show(removed)}"
    raise OperationValueError(
        f"{runner.name} ({human_name(runner)}): this would {left}, and jobs that need them would"
        " hang. To approve: --data allow_tag_removal=true"
    )
