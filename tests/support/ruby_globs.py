"""Pairs of a glob and a path, and what Ruby says of them."""

import json
import random
import subprocess

FNMATCH = """
require "json"
flags = File::FNM_PATHNAME | File::FNM_DOTMATCH | File::FNM_EXTGLOB
pairs = JSON.parse($stdin.read)
puts JSON.generate(pairs.map { |glob, path| File.fnmatch?(glob, path, flags) })
"""
PARTS = [
    *("a", "b", "c", "k8s", "é", ".", "-", ",", "!", "^", "1", "3", " "),
    *("*", "**", "***", "**/", "*/", "/", "?", "/**/", "*.cpp"),
    *("[", "]", "[a-c]", "[!a]", "[^/]", "[]a]", "[a/b]", "[z-a]", "[a-", "[\\]]", "[[:alpha:]]"),
    *("{", "}", "{a,b}", "{one}", "{1..3}", "{,a}", "{a/,}", "{*,**/}", "\\", "\\*", "\\/", "\\{"),
]
CHARACTERS = ["a", "b", "c", "é", ".", "-", "/", "1", "3", "]", "[", "{", "}", ",", "\\", "*", "!"]
BY_HAND = [
    ("{one}", "one"), ("{one}", "{one}"), ("{src/**,lib}/*.cpp", "src/a.cpp"),
    ("{src/**,lib}/*.cpp", "src/x/y.cpp"), ("{src/**,lib}/*.cpp", "lib/a.cpp"),
    ("{src/**/,lib/}*.cpp", "src/x/y/a.cpp"), ("{1..3}", "2"), ("{1..3}", "1..3"),
    ("***", "abc"), ("***/a", "x/a"), ("***/a", "x/y/a"), ("[[:alpha:]]", "a"),
    ("[[:alpha:]]", "a]"), ("[]a]", "a"), ("[]a]", "]"), ("[!]a]", "xa]"), ("[a/b]", "a"),
    ("[a/b]", "/"), ("x[/]y", "x/y"), ("[z-a]", "m"), ("[z-a]", "z"), ("[z-a]", "a"),
    ("[a-]", "-"), ("[a-", "a"), ("[", "["), ("\\[", "["), ("a\\", "a"), ("a\\", "a\\"),
    ("{a,b", "a"), ("{a,b", "{a,b"), ("a,b}", "a,b}"), ("{a,{b,c}}", "c"), ("{a\\,b}", "a,b"),
    ("{}", ""), ("a{}b", "ab"), ("", ""), ("*", ""), ("*", ".x"), ("**", "a/b"),
    ("k8s/**", "k8s/a"), ("k8s/**", "k8s/base/a"), ("k8s/**/*", "k8s/a"), ("k8s/**/*", "k8s/b/x/a"),
    ("**/a", "a"),
    ("**/a", "x/y/a"), ("x**/a", "xy/a"), ("x**/a", "xy/z/a"), ("a/**/b/**/c", "a/b/b/x/c"),
    ("{*,a}*/b", "x/y/b"), ("**\\/a", "x/y/a"), ("[{a,b}]", "b"), ("@(a|b)", "a"), ("a/", "a/"),
    ("/a", "/a"), ("**/", "a/"), ("{a,b}" * 9, "ab" * 4 + "a"), ("Src/*", "src/a"),
    ("{" * 60 + "a" + "}" * 60, "a"), ("[{!,^}a]", "b"), ("[a\\-c]", "b"), ("[\\a-c]", "b"),
]  # fmt: skip


def generated(count: int, seed: int) -> list[tuple[str, str]]:
    """Return pairs that look like those that people write, and many that do not."""
    source = random.Random(seed)
    globs = ["".join(source.choices(PARTS, k=source.randint(1, 6))) for _ in range(count)]
    return [(glob, _path(source, glob)) for glob in globs]


def _path(source: random.Random, glob: str) -> str:
    if source.random() < 0.3:
        return "".join(source.choices(CHARACTERS, k=source.randint(0, 6)))
    # One that is near the glob matches more often.
    text = glob.replace("**/", source.choice(["", "x/", "x/y/"]))
    for old in ("*", "?", "[", "]", "{", "}", "\\"):
        text = text.replace(old, source.choice(["", "a", old, "a"]))
    return text.split(",")[0] if source.random() < 0.5 else text


def by_ruby(pairs: list[tuple[str, str]]) -> list[bool]:
    """Return for each pair whether Ruby's File.fnmatch? says that they match."""
    process = subprocess.run(
        ["ruby", "-E", "UTF-8:UTF-8", "-e", FNMATCH],
        input=json.dumps(pairs),
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    return list(json.loads(process.stdout))
