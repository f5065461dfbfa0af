"""The text of a key inside of a YAML file of a ConfigMap."""

import pytest

from ops.api.unchangeable import Unchangeable
from ops.kubernetes.config_map_file import read_key, with_key

BEFORE = """\
# Üm: config.json: | is below.
kind: ConfigMap
data:
  first: "a: b"   # stays
  config.json: |
"""
OLD, NEW = '{\n  "a": 1\n}\n', '{\n\n  "a": "ü",\n  "b": 2\n}\n'
AFTER = """\
  # after the block
  other: |-
    {
metadata: {name: x}
"""


def block(text: str, indent: str = "    ") -> str:
    lines = text.splitlines(keepends=True)
    return "".join(f"{indent}{line}" if line.strip() else line for line in lines)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["|", "|-", "|+"])
@pytest.mark.parametrize("indent", ["    ", "      "])
def test_the_block_is_replaced_and_the_rest_stays_to_the_byte(
    indent: str, mark: str, ending: str
) -> None:
    before = BEFORE.replace("config.json: |\n", f"config.json: {mark}\n")
    text = before + block(OLD, indent) + AFTER
    wanted = before + block(NEW, indent) + AFTER
    new = with_key(text.replace("\n", ending), "config.json", NEW, "f")
    assert new == wanted.replace("\n", ending)
    assert read_key(new, "config.json", "f").rstrip("\n") == NEW.rstrip("\n")


def test_a_file_without_a_last_line_end_gets_none() -> None:
    text = "data:\n  config.json: |\n    {}"
    assert with_key(text, "config.json", NEW, "f") == (
        "data:\n  config.json: |\n" + block(NEW).removesuffix("\n")
    )


@pytest.mark.parametrize("old", ["\n{}\n", '{\n\n\t"a": 1\n}\n', "{}\n\n\n"])
def test_blank_lines_in_the_block_and_after_it_do_no_harm(old: str) -> None:
    text = BEFORE.splitlines(keepends=True)
    file = "".join(text[1:]) + block(old) + AFTER
    new = with_key(file, "config.json", NEW, "f")
    assert read_key(new, "config.json", "f") == NEW
    assert new.endswith(AFTER)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("data:\n  config.json: >\n    {}\n", "is no literal block"),
        ('data:\n  config.json: "{}"\n', "is no literal block"),
        ("data: {config.json: '{}'}\n", "is no literal block"),
        ('data:\n  "config.json": |\n    {}\n', "is no literal block"),
        ("data:\n  config.json: &x |\n    {}\n", "is no literal block"),
        ("data:\n  config.json: |  # why\n    {}\n", "is no literal block"),
        ("data:\n  config.json: |2\n      {}\n", "is no literal block"),
        ("data:\n  config.json: |\n", "is no literal block"),
        ("data:\n  config.json: 1\n", "is no literal block"),
        ("a:\n  config.json: |\n    x\ndata:\n  config.json: |\n    {}\n", "is no literal block"),
        ("data:\n  a: |\n    config.json: |\n  config.json: |\n    {}\n", "is no literal block"),
        ("data:\n  config.json: |\n    {}\n---\nkind: X\n", "is no YAML file of a ConfigMap"),
        ("data:\n  config.json: |\n    a\n  config.json: |\n    b\n", "is no YAML file"),
        ("data:\n  config.json: |\n\t{}\n", "is no YAML file of a ConfigMap"),
        ("data:\n", "is no YAML file of a ConfigMap with the key config.json"),
        ("data: {a: b}\n", "is no YAML file of a ConfigMap with the key config.json"),
        ("- a\n", "is no YAML file of a ConfigMap"),
        ("", "is no YAML file of a ConfigMap"),
        ("a: [\n", "is no YAML file of a ConfigMap"),
    ],
)
def test_another_form_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(Unchangeable, match=f"^f.*{words}"):
        with_key(text, "config.json", NEW, "f")


def test_a_text_that_a_block_cannot_hold_is_refused() -> None:
    text = "data:\n  config.json: |\n    {}\n  other: x\n"
    for value in ("  {}\n", "a\x07b\n"):
        with pytest.raises(Unchangeable, match="a form that cannot be replaced"):
            with_key(text, "config.json", value, "f")
