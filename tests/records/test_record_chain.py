"""The chain of records: what was edited, removed or put elsewhere is found, each in one line."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from made_records import made

from ops.records.chain import NOTHING, Chain, from_text, problems, surplus, to_text
from ops.records.directory import Records


@pytest.fixture
def five(tmp_path: Path) -> list[str]:
    """Five records, in the order of the chain: of runs of one second names are in any order."""
    return [made(tmp_path) for _ in range(5)]


def found(directory: Path) -> list[str]:
    records = Records(directory)
    return list(problems(records.chain(), {name: records.found(name) for name in records.names()}))


def test_each_record_has_the_digest_of_the_one_before_it(tmp_path: Path, five: list[str]) -> None:
    records = Records(tmp_path)
    chain = records.chain()
    assert [link.id for link in chain.records] == five
    previous = NOTHING
    for number, name in enumerate(five, 1):
        record = records.read(name)
        assert (record["sequence"], record["previous"]) == (number, previous)
        previous = chain.records[number - 1].digest
    assert found(tmp_path) == []


@pytest.mark.parametrize("number", [1, 3, 5])
def test_an_edited_record(tmp_path: Path, five: list[str], number: int) -> None:
    file = tmp_path / five[number - 1] / "record.json"
    file.write_text(file.read_text().replace("a-machine", "another-machine"))
    assert found(tmp_path) == [f"record {number} ({five[number - 1]}) was edited"]


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_record_that_is_missing(tmp_path: Path, five: list[str], number: int) -> None:
    shutil.rmtree(tmp_path / five[number - 1])
    assert found(tmp_path) == [f"record {number} ({five[number - 1]}) is missing"]


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_record_that_is_no_record_any_more(tmp_path: Path, five: list[str], number: int) -> None:
    (tmp_path / five[number - 1] / "record.json").write_text("{}")
    line = f"record {number} ({five[number - 1]}) cannot be read: it was edited"
    assert found(tmp_path) == [line]


def test_two_records_that_changed_places(tmp_path: Path, five: list[str]) -> None:
    second, fourth = (tmp_path / five[number - 1] / "record.json" for number in (2, 4))
    texts = second.read_text(), fourth.read_text()
    fourth.write_text(texts[0])
    second.write_text(texts[1])
    assert found(tmp_path) == [
        f"record 2 ({five[1]}) is what record 4 was: reordered",
        f"record 4 ({five[3]}) is what record 2 was: reordered",
    ]


def edit_chain(directory: Path, order: list[int]) -> None:
    """Have chain.json say that only these records are there, and in this order."""
    file = directory / "chain.json"
    chain = json.loads(file.read_text())
    chain["records"] = [
        {**chain["records"][old - 1], "sequence": new} for new, old in enumerate(order, 1)
    ]
    file.write_text(json.dumps(chain))


def test_one_that_was_taken_out_of_the_chain_as_well(tmp_path: Path, five: list[str]) -> None:
    edit_chain(tmp_path, [1, 2, 4, 5])
    shutil.rmtree(tmp_path / five[2])
    after = "does not follow record {}: reordered, or one was taken out"
    assert found(tmp_path) == [
        f"record 3 ({five[3]}) {after.format(2)}",
        f"record 4 ({five[4]}) {after.format(3)}",
    ]


def test_another_order_of_the_chain(tmp_path: Path, five: list[str]) -> None:
    edit_chain(tmp_path, [1, 3, 2, 4, 5])
    lines = found(tmp_path)
    assert len(lines) == 3
    assert all(line.endswith("reordered, or one was taken out") for line in lines)


def test_a_chain_that_lacks_all_but_the_first_is_entered_again(
    tmp_path: Path, five: list[str]
) -> None:
    """So it is after a run was killed between its record and the chain."""
    edit_chain(tmp_path, [1, 2, 3, 4])
    assert found(tmp_path) == []
    sixth = made(tmp_path)
    assert [link.id for link in Records(tmp_path).chain().records] == [*five, sixth]
    assert found(tmp_path) == []


def test_what_is_sealed_and_not_in_the_chain_is_named(tmp_path: Path, five: list[str]) -> None:
    edit_chain(tmp_path, [1, 2])
    shutil.rmtree(tmp_path / five[2])
    assert found(tmp_path) == [
        f"{name} is sealed as record {number}, and chain.json does not have it"
        for name, number in sorted([(five[3], 4), (five[4], 5)])
    ]


def test_a_chain_is_written_and_read() -> None:
    chain = Chain().followed_by("a", "1" * 64).followed_by("b", "2" * 64).without(1)
    assert from_text(to_text(chain).encode()) == chain
    assert (chain.before.sequence, chain.head.sequence) == (1, 2)
    with pytest.raises(ValueError, match="Expected `object`"):
        from_text(b"[]")


NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)


def of_days(*ages: float) -> Chain:
    chain = Chain()
    for age in ages:
        when = (NOW - timedelta(days=age)).strftime("%Y%m%dT%H%M%SZ")
        chain = chain.followed_by(f"{when}-a_job-aaaaaa", NOTHING)
    return chain


@pytest.mark.parametrize(
    ("ages", "count", "days", "expected"),
    [
        ((4, 3, 2, 1), 4, 10, 0),
        ((4, 3, 2, 1), 3, 10, 1),
        ((4, 3, 2, 1), 10, 2.5, 2),
        ((4, 3, 2, 1), 3, 1.5, 3),
        ((1, 4, 2), 10, 3, 0),  # Only from the oldest on: the chain has no holes.
        ((4, 3), 10, 1, 1),  # The last one is kept.
        ((), 1, 1, 0),
        ((4,), 1, 36_500, 0),
    ],
)
def test_what_need_not_be_kept(
    ages: tuple[float, ...], count: int, days: float, expected: int
) -> None:
    assert surplus(of_days(*ages), count, days, NOW) == expected
