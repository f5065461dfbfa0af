"""`@gitlab` against the practice site, through pyinfra's own commands."""

import json
from pathlib import Path

import pytest
from lab_process import Lab, Pyinfra


@pytest.fixture
def tagged(lab: Lab) -> Lab:
    """A site whose runner 17 has tags: GitLab refuses any change of one that lost them."""
    lab.fault(action="set", loss_delay=3600)
    lab.fault(action="set_tags", runner=17, tags=["kubernetes"])
    return lab


def test_a_request_as_command(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run("@gitlab/runners/17", "exec", "--", "GET", "/runners/17")
    assert code == 0, output
    assert '[@gitlab/runners/17]   "description": "k8s-runner-4",' in output


def test_a_write_as_command(tagged: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(
        "@gitlab/runners/17", "exec", "--", "PUT", "/runners/17", '{"paused":true}'
    )
    assert code == 0, output
    assert tagged.runners()[17]["paused"] is True


def test_a_shell_command_is_refused_in_words(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run("@gitlab/runners/17", "exec", "--", "uptime")
    assert code == 1
    assert "'uptime' is not a request" in output
    assert "METHOD /path" in output


def test_the_fact_of_all_runners_costs_one_request(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(
        "inventory.py", "fact", "ops.gitlab.facts.runners.Runner", "--limit", "runners", "--json"
    )
    assert code == 0, output
    facts = json.loads(output[output.index("{") : output.rindex("}") + 1])
    [runners] = facts.values()
    assert runners["@gitlab/runners/17"]["description"] == "k8s-runner-4"
    assert len(runners) == 12
    sent = lab.requests(system="gitlab")
    assert [(r["method"], r["path"]) for r in sent] == [("POST", "/api/graphql")]


def test_groups_select_runners(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(
        "inventory.py", "fact", "ops.gitlab.facts.runners.Runner", "--limit", "debian"
    )
    assert code == 0, output
    assert "pve1-linux-x86" in output
    assert "pve2-linux-x86" in output
    assert "k8s-runner" not in output


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_debug_inventory_shows_no_secret(
    lab: Lab, pyinfra: Pyinfra, arguments: tuple[str, ...]
) -> None:
    code, output = pyinfra.run("inventory.py", "debug-inventory", *arguments)
    assert code == 0, output
    assert "k8s-runner-4" in output
    assert lab.environment["GITLAB_TOKEN"] not in output


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("@gitlab/runners/9999", "GET /runners/9999 -> 404"),
        ("@gitlab/projects/280", "Connected"),
        ("@gitlab", "Connected"),
    ],
)
def test_connecting_reads_the_resource(lab: Lab, pyinfra: Pyinfra, name: str, message: str) -> None:
    _, output = pyinfra.run(name, "exec", "--", "GET", "/version")
    assert message in output
    assert "Traceback" not in output


def test_settings_come_from_the_configuration_file_too(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(
        "@gitlab",
        "exec",
        "--",
        "GET",
        "/version",
        GITLAB_URL="",
        GITLAB_TOKEN="",
        GITLAB_CA_FILE="",
    )
    assert code == 0, output
    assert '"version": "17.' in output


def test_no_settings_at_all_is_said_in_words(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(
        "@gitlab", "exec", "--", "GET", "/version",
        GITLAB_URL="", GITLAB_TOKEN="", PYTHON_GITLAB_CFG="",
    )  # fmt: skip
    assert code == 1
    assert "set GITLAB_URL and GITLAB_TOKEN" in output
    assert "python-gitlab.cfg" not in output
    assert "Traceback" not in output


def test_a_write_that_timed_out_is_read_again(tagged: Lab, pyinfra: Pyinfra) -> None:
    tagged.fault(
        system="gitlab", method="PUT", path="/runners/17$", action="apply_then_hang", seconds=5
    )
    code, output = pyinfra.run(
        "@gitlab/runners/17", "exec", "--data", "gitlab_timeout=1",
        "--", "PUT", "/runners/17", '{"paused":true}',
    )  # fmt: skip
    assert code == 0, output
    assert "no answer in 1 s, but it was done" in output
    assert tagged.mutations() == ["PUT /api/v4/runners/17"]


def test_a_write_that_timed_out_and_was_not_done_fails(tagged: Lab, pyinfra: Pyinfra) -> None:
    tagged.fault(system="gitlab", method="PUT", path="/runners/17$", action="timeout", seconds=5)
    code, output = pyinfra.run(
        "@gitlab/runners/17", "exec", "--data", "gitlab_timeout=1",
        "--", "PUT", "/runners/17", '{"paused":true}',
    )  # fmt: skip
    assert code == 1
    assert "reading again shows that it was not done" in output


def test_a_read_survives_short_failures(lab: Lab, pyinfra: Pyinfra) -> None:
    lab.fault(system="gitlab", method="GET", path="/version$", action="status", status=502, times=2)
    code, output = pyinfra.run("@gitlab", "exec", "--", "GET", "/version")
    assert code == 0, output


def test_an_unknown_setting_of_verification_warns(lab: Lab, pyinfra: Pyinfra) -> None:
    code, output = pyinfra.run(
        "@gitlab", "exec", "--data", "gitlab_ssl_verify=false", "--", "GET", "/version",
        GITLAB_CA_FILE="",
    )  # fmt: skip
    assert code == 0, output
    assert "anyone on the way can read the token" in output


def configuration(lab: Lab, directory: Path, **sections: str) -> dict[str, str]:
    """A file with a section for each URL; the one that is not the default has the real token."""
    text = Path(lab.environment["PYTHON_GITLAB_CFG"]).read_text()
    first = text.index("[lab]")
    verify = text[:first].replace("default = lab", "default = other")
    token = lab.environment["GITLAB_TOKEN"]
    parts = [
        f"[{name}]\nurl = {url}\nprivate_token = {token if name == 'mine' else 'another'}\n"
        for name, url in sections.items()
    ]
    file = directory / "python-gitlab.cfg"
    file.write_text(verify + "\n".join(parts))
    return {"PYTHON_GITLAB_CFG": str(file), "GITLAB_TOKEN": "", "GITLAB_CA_FILE": ""}


VERSION = ("exec", "--", "GET", "/version")


def test_the_section_with_the_url_is_taken(lab: Lab, pyinfra: Pyinfra, tmp_path: Path) -> None:
    url = lab.environment["GITLAB_URL"]
    values = configuration(lab, tmp_path, other="https://localhost:1", mine=f"{url}/")
    code, output = pyinfra.run("@gitlab", *VERSION, **values, GITLAB_URL=url)
    assert code == 0, output
    values = configuration(lab, tmp_path, other="https://localhost:1", mine="https://localhost:2")
    code, output = pyinfra.run("@gitlab", *VERSION, **values, GITLAB_URL=url)
    assert code == 1
    message = f"no token for {url}: python-gitlab.cfg is about https://localhost:1, https://local"
    assert message in output


def test_a_section_is_named(lab: Lab, pyinfra: Pyinfra, tmp_path: Path) -> None:
    url = lab.environment["GITLAB_URL"]
    values = configuration(lab, tmp_path, other="https://localhost:1", mine=url, third=url)
    code, output = pyinfra.run("@gitlab", *VERSION, **values, GITLAB_URL=url)
    assert code == 1
    assert f"several sections for {url} (mine, third)" in output
    mine = ("exec", "--data", "gitlab_section=mine", "--", "GET", "/version")
    for given in (url, ""):
        code, output = pyinfra.run("@gitlab", *mine, **values, GITLAB_URL=given)
        assert code == 0, output
    other = ("exec", "--data", "gitlab_section=other", "--", "GET", "/version")
    code, output = pyinfra.run("@gitlab", *other, **values, GITLAB_URL=url)
    assert code == 1
    assert f"section other of python-gitlab.cfg is about https://localhost:1, and not {url}" in (
        output
    )


@pytest.mark.parametrize("where", ["environment", "file"])
def test_http_with_a_token_warns(lab: Lab, pyinfra: Pyinfra, tmp_path: Path, where: str) -> None:
    values = configuration(lab, tmp_path, other="http://localhost:1")
    if where == "environment":
        values |= {"GITLAB_URL": "http://localhost:1", "GITLAB_TOKEN": "glpat-of-nobody"}
    else:
        values["GITLAB_URL"] = ""
    arguments = ("exec", "--data", "gitlab_deadline=1", "--", "GET", "/version")
    code, output = pyinfra.run("@gitlab", *arguments, **values)
    assert code == 1
    assert "http://localhost:1 is http: anyone on the way can read the token" in output
