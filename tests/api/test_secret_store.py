"""Where the operator's secrets come from, and that no refusal repeats one."""

import traceback
from pathlib import Path

import pytest
from pyinfra.api.exceptions import OperationValueError

from ops.api import secret_store
from ops.api.secret_store import secret

CANARY = "canary-4711-value"


def refusal(source: str) -> str:
    """The one line of a refusal, without the value, and with nothing else in its traceback."""
    with pytest.raises(OperationValueError) as caught:
        secret("KEY", source)
    text = str(caught.value)
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert "\n" not in text
    assert text.startswith("KEY: ")
    return text


def private(directory: Path, content: bytes, mode: int = 0o600) -> Path:
    file = directory / "secret"
    file.write_bytes(content)
    file.chmod(mode)
    return file


def test_a_variable_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", CANARY)
    found = secret("KEY", "environment:A_SECRET")
    assert found.unmask() == CANARY
    assert CANARY not in f"{found} {found!r}"


@pytest.mark.parametrize("value", [None, ""])
def test_an_unset_or_empty_variable_is_no_value(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv("A_SECRET", raising=False)
    if value is not None:
        monkeypatch.setenv("A_SECRET", value)
    assert refusal("environment:A_SECRET") == "KEY: environment:A_SECRET gives no value"


@pytest.mark.parametrize("command", [f"echo {CANARY}", rf"printf '{CANARY}\r\nlogin: me\n'"])
def test_a_helper_gives_its_first_line(command: str) -> None:
    assert secret("KEY", f"helper:{command}").unmask() == CANARY


def test_a_helper_is_no_shell() -> None:
    assert secret("KEY", "helper:echo $HOME;id").unmask() == "$HOME;id"


def test_a_helper_that_fails_is_said_without_what_it_printed() -> None:
    script = "a=canary-4711; echo $a-value; echo $a-value >&2; exit 7"
    assert "ended with exit code 7" in refusal(f"helper:sh -c '{script}'")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("helper:no-such-program", "cannot be read: No such file or directory"),
        ("helper:true", "gives no value"),
        ("helper:echo", "gives no value"),
        ("helper:sh -c 'echo", "is no command: No closing quotation"),
        (r"helper:printf \\377\\376", "gives no text"),
        ("file:/no/such/file", "cannot be read: No such file or directory"),
        ("file:/", "can be read by others"),
        ("environment:", "its source is none of"),
        ("A_SECRET", "its source is none of"),
        ("", "its source is none of"),
        ("vault:secret/kafka", "its source is none of"),
    ],
)
def test_what_is_not_there_is_refused_in_a_line(source: str, words: str) -> None:
    assert words in refusal(source)


def test_a_helper_without_an_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_store, "HELPER_SECONDS", 0.2)
    assert "gave no answer in 0.2 s" in refusal("helper:sleep 20")


@pytest.mark.parametrize("content", [b"\n", b"", b"\r\n"])
def test_an_empty_file_has_no_value(tmp_path: Path, content: bytes) -> None:
    assert "gives no value" in refusal(f"file:{private(tmp_path, content)}")


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\nsecond line\n"])
def test_a_file_gives_its_first_line(tmp_path: Path, ending: str) -> None:
    file = private(tmp_path, f"{CANARY}{ending}".encode())
    assert secret("KEY", f"file:{file}").unmask() == CANARY


def test_a_file_may_be_below_the_home_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    private(tmp_path, CANARY.encode())
    assert secret("KEY", "file:~/secret").unmask() == CANARY


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = private(tmp_path, CANARY.encode(), mode)
    assert f"{file} can be read by others: chmod 600 {file}" in refusal(f"file:{file}")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = private(tmp_path, CANARY.encode() + b"\xff")
    assert "gives no text" in refusal(f"file:{file}")
