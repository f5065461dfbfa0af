"""The text of a key inside of a YAML file of a ConfigMap."""

import pytest

from ops.api.json_text import Replacement
from ops.api.unchangeable import Unchangeable
from ops.kubernetes.config_map_file import read_key, with_replacements

BEFORE = """\
# Üm: config.json: | is below.
kind: ConfigMap
data:
  first: "a: b"   # stays
  config.json: |
"""
OLD = '{\n\n  "a": 1,\n  "ü": [\n    7\n  ]\n}\n'
NEW = '{\n\n  "a": "two",\n  "ü": []\n}\n'
AFTER = """\
  # after the block
  other: |-
    {
metadata: {name: x}
"""


def block(text: str, indent: str = "    ") -> str:
    lines = text.splitlines(keepends=True)
    return "".join(f"{indent}{line}" if line.strip() else line for line in lines)


def parts(text: str) -> list[Replacement]:
    return [
        Replacement(start := text.index(old), start + len(old), new)
        for old, new in (("1", '"two"'), ("[\n    7\n  ]", "[]"))
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "mark", ["|", "|-", "|+", "|  # why", "|2", '"config.json": |', "!!str |"], ids=str
)
@pytest.mark.parametrize("indent", ["    ", "      "])
def test_the_text_is_changed_in_the_block_and_the_rest_stays_to_the_byte(
    indent: str, mark: str, ending: str
) -> None:
    indent = "    " if mark == "|2" else indent  # More of it would be a part of the text.
    line = f"  {mark}\n" if mark.startswith('"') else f"  config.json: {mark}\n"
    before = BEFORE.replace("  config.json: |\n", line)
    text = before + block(OLD, indent) + AFTER
    wanted = before + block(NEW, indent) + AFTER
    new = with_replacements(text.replace("\n", ending), "config.json", parts(OLD), "f")
    assert new == wanted.replace("\n", ending)
    assert read_key(new, "config.json", "f").rstrip("\n") == NEW.rstrip("\n")


def test_a_file_without_a_last_line_end_gets_none() -> None:
    text = "data:\n  config.json: |\n    {}"
    new = with_replacements(text, "config.json", [Replacement(0, 2, "[ ]")], "f")
    assert new == "data:\n  config.json: |\n    [ ]"


@pytest.mark.parametrize("old", ["\n{1}\n", '{\n\n\t"a": 1\n}\n', "{1}\n\n\n", "  \n{\n   \n1}\n"])
def test_blank_lines_in_the_block_and_after_it_do_no_harm(old: str) -> None:
    # The first line has a letter whose place in bytes is another one than in characters.
    file = BEFORE.replace("|\n", "|2\n") + block(old) + AFTER
    value = read_key(file, "config.json", "f")
    at = value.index("1")
    new = with_replacements(file, "config.json", [Replacement(at, at + 1, "22")], "f")
    assert new == file.replace("1", "22")


def test_of_several_documents_the_one_config_map_with_the_key_is_changed() -> None:
    one = "data:\n  config.json: |\n    1\n"
    text = f"# why\n---\nkind: Secret\n{one}---\nkind: ConfigMap\n{one}---\nkind: ConfigMap\n---\n"
    new = with_replacements(text, "config.json", [Replacement(0, 1, "2")], "f")
    assert new == text.replace("ConfigMap\n" + one, "ConfigMap\n" + one.replace("1", "2"))


def test_nothing_to_change_is_no_reason_to_ask_for_a_block() -> None:
    assert with_replacements("data: {c: x}", "c", [], "f") == "data: {c: x}"


ONE = "kind: ConfigMap\ndata:\n  config.json: |\n    {}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("data:\n  config.json: >\n    {}\n", "is no literal block"),
        ('data:\n  config.json: "{}"\n', "is no literal block"),
        ("data: {config.json: '{}'}\n", "is no literal block"),
        ("data:\n  config.json: 1\n", "is no literal block"),
        ("data:\n  config.json: |\n", "has a form that cannot be changed"),
        ("data:\n  config.json:\n    a: b\n", "has no ConfigMap with a text config.json"),
        (f"{ONE}---\n{ONE}", "has config.json 2 times, in the lines 3, 8"),
        (f"{ONE}  config.json: |\n    b\n", "has config.json 2 times, in the lines 3, 5"),
        (f"{ONE}data:\n  config.json: |\n    b\n", "has config.json 2 times, in the lines 3, 6"),
        (ONE.replace("ConfigMap", "Secret"), "of 1 documents, 0 are ConfigMaps, with no keys"),
        (ONE.replace("config.", "other."), "1 are ConfigMaps, with other.json$"),
        ("data:\n  config.json: |\n\t{}\n", "is no YAML"),
        ("data:\n", "has no ConfigMap with a text config.json"),
        ("data: {a: b}\n", "1 are ConfigMaps, with a$"),
        ("- a\n", "has no ConfigMap with a text config.json"),
        ("", "of 0 documents"),
        ("a: [\n", "is no YAML"),
        ("\x07", "is no YAML"),
    ],
)
def test_another_form_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(Unchangeable, match=f"^f.*{words}"):
        with_replacements(text, "config.json", [Replacement(0, 1, "x")], "f")


def test_a_text_that_a_block_cannot_hold_is_refused() -> None:
    text = "data:\n  config.json: |\n    {}\n  other: x\n"
    for new in ("  {}", "a\x07b", "\n"):
        with pytest.raises(Unchangeable, match=r"has a form that cannot be changed|is no YAML"):
            with_replacements(text, "config.json", [Replacement(0, 2, new)], "f")
