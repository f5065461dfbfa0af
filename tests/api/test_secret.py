import json
import subprocess
import sys
import traceback

from ops.api.secret import Secret, conceal, masked, reveal
from ops.http.request import Request

CANARY = "canary-4711-value"


def test_a_secret_shows_a_fingerprint_and_not_its_value() -> None:
    secret = Secret(CANARY)
    request = Request("PUT", "/x", secret)
    shown = f"{secret} {secret!r} {secret.to_json()} {request.bits}"
    assert CANARY not in shown
    assert str(secret).startswith("secret:")


def test_the_json_of_pyinfra_shows_the_fingerprint() -> None:
    # In a process of its own: importing pyinfra_cli replaces parts of the standard library.
    program = f"""
import json
from pyinfra_cli.util import json_encode
from ops.api.secret import Secret
print(json.dumps([Secret({CANARY!r})], default=json_encode))
"""
    shown = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert shown.startswith('["secret:')
    assert CANARY not in shown


def test_equal_secrets_have_equal_fingerprints_and_others_do_not() -> None:
    assert Secret(CANARY) == Secret(CANARY)
    assert str(Secret(CANARY)) == str(Secret(CANARY))
    assert Secret(CANARY) != Secret("other")
    assert str(Secret(CANARY)) != str(Secret("other"))


def test_a_request_sends_the_value_and_shows_the_fingerprint() -> None:
    request = Request("PUT", "/variables/X", {"value": Secret(CANARY)})
    assert request.payload == {"value": CANARY}
    assert CANARY not in str(request) + repr(request)


def test_a_traceback_does_not_show_it() -> None:
    try:
        raise ValueError(Secret(CANARY))
    except ValueError:
        assert CANARY not in traceback.format_exc()


def test_answers_are_concealed_by_the_names_of_their_fields() -> None:
    answer = {
        "name": "shown",
        "runners_token": CANARY,
        "nested": [{"password": CANARY}],
        "variables": [{"key": "K", "environment_scope": "*", "value": CANARY}],
        "of_the_instance": [{"key": "K", "variable_type": "env_var", "value": CANARY}],
        "secret": {"kind": "Secret", "data": {"password": CANARY}, "stringData": {"a": CANARY}},
    }
    shown = json.dumps(conceal(answer), default=str)
    assert CANARY not in shown
    assert '"shown"' in shown


def test_reveal_reaches_nested_values() -> None:
    assert reveal({"a": [Secret("x")], "b": (1, None)}) == {"a": ["x"], "b": [1, None]}


def test_a_message_that_repeats_what_was_sent_is_masked() -> None:
    body = {"variables": [{"value": Secret(CANARY)}], "empty": Secret("")}
    text = masked(f"value {CANARY} is invalid", body)
    assert text == f"value {Secret(CANARY)} is invalid"


def test_a_document_in_a_text_is_concealed_as_a_whole() -> None:
    text = json.dumps({"kafka": {"port": 9092, "password": "canary"}})
    answer = {"kind": "ConfigMap", "data": {"config.json": text, "port": "9092", "empty": "{}"}}
    shown = conceal(answer)
    assert "canary" not in str(shown)
    assert reveal(shown) == answer
    assert isinstance(shown["data"]["config.json"], Secret)
    assert (shown["data"]["port"], shown["data"]["empty"]) == ("9092", "{}")


def test_the_content_of_a_file_is_concealed() -> None:
    assert "canary" not in str(conceal({"encoding": "base64", "content": "canary"}))
    assert conceal({"content": "text"}) == {"content": "text"}
