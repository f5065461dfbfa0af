"""deploys/undo.py: a run that was killed is undone, and an undo that was killed is finished."""

from experiment_site import RUNNER, is_free, pod, start
from lab_process import Lab, Pyinfra
from moments import TAGS, kill, wait_for
from undo_site import APPROVAL, is_state, last, runners_have_some, state, undo

SET_TAGS = ("inventory.py", "deploys/unblock_pipeline.py", "-y", "--limit", "runners")
# What is not answered is waited for until the test kills the run.
PATIENT = ("--data", "gitlab_timeout=3600", "--data", "gitlab_deadline=3600")


def test_a_run_that_was_killed(undisturbed: Lab, pyinfra: Pyinfra) -> None:
    """What it has done is undone; of what got no answer the site says whether it was done."""
    runners_have_some(undisturbed)
    before = state(undisturbed)
    hanging = {"system": "gitlab", "method": "PUT", "seconds": 3600, "times": -1}
    undisturbed.fault(**hanging, path="/runners/7$", action="apply_then_hang")
    undisturbed.fault(**hanging, path="/runners/8$", action="timeout")
    process = pyinfra.start(*SET_TAGS, *PATIENT)
    wait_for(lambda: {n for n in TAGS if undisturbed.tags()[n] == TAGS[n]} == {*TAGS} - {8})
    wait_for(lambda: "/runners/8" in str(undisturbed.requests(mutating="true")))
    code, output = undo(pyinfra, last(pyinfra), "--dry", *APPROVAL)
    assert code == 1, output
    assert "its run still goes on" in output
    kill(process)
    undisturbed.ask("/faults", method="DELETE")

    code, output = undo(pyinfra, last(pyinfra), "-y", *APPROVAL)
    assert code == 0, output
    assert "was killed: what it has sent last is looked at" in output
    assert "tag_list: whether the run has changed it is not in its record, but it is" in output
    is_state(undisturbed, before)


def test_an_undo_that_is_killed_is_run_again(undisturbed: Lab, pyinfra: Pyinfra) -> None:
    runners_have_some(undisturbed)
    before = state(undisturbed)
    code, output = pyinfra.run(*SET_TAGS)
    assert code == 0, output
    record = last(pyinfra)
    undisturbed.fault(
        system="gitlab", method="PUT", path="/runners/8$", action="timeout", seconds=3600, times=-1
    )
    arguments = ("inventory.py", "deploys/undo.py", "-y", "--data", f"record={record}")
    process = pyinfra.start(*arguments, *APPROVAL, *PATIENT)
    wait_for(lambda: {n for n in TAGS if undisturbed.tags()[n] == TAGS[n]} - {6, 15, 16} == {8})
    wait_for(lambda: undisturbed.mutations().count("PUT /api/v4/runners/8") == 2)
    kill(process)
    undisturbed.ask("/faults", method="DELETE")
    sent = len(undisturbed.mutations())
    code, output = undo(pyinfra, record, "-y", *APPROVAL)
    assert code == 0, output
    is_state(undisturbed, before)
    assert undisturbed.mutations()[sent:] == ["PUT /api/v4/runners/8"]


def test_a_pause_that_a_killed_run_has_left_is_taken_back(short: Lab, pyinfra: Pyinfra) -> None:
    short.fault(action="set", pod_ready_seconds=3600)
    before = pod(short)
    process = start(pyinfra)
    wait_for(lambda: pod(short) != before)
    kill(process)
    assert short.runners()[RUNNER]["paused"]
    code, output = undo(pyinfra, last(pyinfra), "-y")
    assert code == 0, output
    assert is_free(short)
    assert "not undone: Follow the experiment to its end: a pod was replaced by its" in output


def test_a_pause_that_a_run_has_taken_back_itself_is_no_change(
    short: Lab, pyinfra: Pyinfra
) -> None:
    code, output = pyinfra.deploy("follow_experiment", "-y")
    assert code == 0, output
    sent = short.mutations()
    code, output = undo(pyinfra, last(pyinfra), "-y")
    assert code == 0, output
    assert "No changes: " in output
    assert "a pod was replaced by its successor" in output
    assert short.mutations() == sent
