"""deploys/overview.py: what somebody has brought about on purpose needs no attention."""

from datetime import date, timedelta

from documents import document_of
from lab_process import Lab, Pyinfra
from overview_site import LOOK, PAUSED, TOMORROW, areas, hands, known
from pipeline_site import set_all_tags

RUNNER = "@gitlab/runners/10"


def test_it_is_listed_with_its_reason_and_its_end(lab: Lab, pyinfra: Pyinfra) -> None:
    set_all_tags(lab)
    code, output = pyinfra.run(*LOOK, *known(host=RUNNER))
    assert code == 1  # Much else is not well.
    assert PAUSED not in hands(output)
    assert areas(output)["Runners"] == "ok"
    assert f"\n{PAUSED}; known: its disk is replaced, until {TOMORROW}\n" in output
    assert "matches nothing" not in output
    assert lab.mutations() == []


def test_after_its_end_it_is_attention_again(lab: Lab, pyinfra: Pyinfra) -> None:
    ended = str(date.today() - timedelta(days=2))
    _, output = pyinfra.run(*LOOK, *known(host=RUNNER, until=ended))
    said = f"{PAUSED} (known exception ended on {ended}: its disk is replaced)"
    assert said in hands(output)


def test_one_that_matches_nothing_is_named(lab: Lab, pyinfra: Pyinfra) -> None:
    _, output = pyinfra.run(*LOOK, *known(host="@gitlab/runners/9"))
    text = "known exception that matches nothing, to be taken out: host @gitlab/runners/9"
    assert f"\n{text}\n" in output
    assert PAUSED in hands(output)


def test_where_an_area_is_not_seen_none_is_called_idle(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(system="gitlab", path="/pipelines$", action="status", status=503, times=-1)
    _, output = pyinfra.run(*LOOK, *known(host="@gitlab/runners/9"))
    assert "Pipelines could not be read" in output
    assert "matches nothing" not in output


def test_a_program_reads_it(lab: Lab, pyinfra: Pyinfra) -> None:
    _, document, _ = document_of(pyinfra, "overview", "--dry", *known(host=RUNNER))
    assert document["known"] == [
        {
            "what": PAUSED,
            "area": "Runners",
            "host": RUNNER,
            "reason": "its disk is replaced",
            "until": str(TOMORROW),
        }
    ]
    assert PAUSED not in [need["what"] for need in document["attention"]]
    hosts = {need["what"]: need["host"] for need in document["attention"]}
    assert hosts["obsolete and active: 6932"] == "@gitlab/projects/280"
    assert hosts["12 of 12 runners have no tags at once (GitLab issue 524402)"] is None


def test_what_is_no_exception_ends_the_run_before_the_first_request(
    lab: Lab, pyinfra: Pyinfra
) -> None:
    code, output = pyinfra.run(*LOOK, *known(host=RUNNER, until="soon"))
    assert code == 1
    assert "known_exceptions is a list of known exceptions, as JSON" in output
    assert "entry 1: Invalid RFC3339 encoded date - at $.until" in output
    assert lab.requests() == []
