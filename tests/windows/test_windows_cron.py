"""The one grammar: what it takes, and what it refuses because others read it differently."""

import pytest

from ops.windows.cron import check_cron, of_week


@pytest.mark.parametrize(
    "text",
    [
        "* * * * *", "*/5 * * * *", "0-59/7 * * * *", "00 01 1,15 jan-mar *", "0 2 * * SUN",
        "0 2 * * 0", "0 0 * * mon-fri", "0 0 * * */2", "0 0 13 * 5", "0 0 29 2 *", "0 0 1-7 * 1",
        "0 0 */2 * *", "0 0 8-14 * 1-5/2", "0  2 * *  6",
    ],
)  # fmt: skip
def test_it_takes(text: str) -> None:
    check_cron(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0 0 * * 7", "Sunday is 0 or SUN"),
        ("0 0 * * 5-7", "Sunday is 0 or SUN"),
        ("0 0 * * FRI-SUN", "goes backwards"),
        ("0 22-5 * * *", "goes backwards"),
        ("0 0 * * MON-MON", "write MON"),
        ("5-5 * * * *", "write 5"),
        ("0 0 8-14 * */6", "with */ in one of them"),
        ("0 0 */2 * 1", "with */ in one of them"),
        ("0 0 */2 * */2", "with */ in one of them"),
        ("0 0 L * *", "is no number"),
        ("0 0 15W * *", "is no number"),
        ("0 0 LW * *", "is no number"),
        ("0 0 * * MON#2", "is no number"),
        ("0 0 * * 5L", "is no number"),
        ("0 0 ? * 1", "is no number"),
        ("H 0 * * *", "is no number"),
        ("5/15 * * * *", "a step without an end"),
        ("*/90 * * * *", "a step is from 1 to 59"),
        ("0-5/10 * * * *", "a step is from 1 to 5"),
        ("*/0 * * * *", "a step is from 1 to 59"),
        ("*,5 * * * *", "nothing stands beside it"),
        ("5,,6 * * * *", "nothing for the minute"),
        ("60 * * * *", "from 0 to 59"),
        ("0 24 * * *", "from 0 to 23"),
        ("0 0 0 * *", "from 1 to 31"),
        ("0 0 * 13 *", "from 1 to 12"),
        ("0 0 * * FEB", "FEB is no day of the week"),
        ("0 0 * MON *", "MON is no month"),
        ("0 0 30 2 *", "it never comes"),
        ("0 0 31 4,6 *", "it never comes"),
        ("0 0 0 * * *", "it has 6 fields"),
        ("0 0 * *", "it has 4 fields"),
        ("", "it has 0 fields"),
        ("@daily", "macros are not known"),
        ("TZ=UTC 0 0 * * *", "it has 6 fields"),
        ("-5 * * * *", "is no number"),
        ("\u0665 * * * *", "is no number"),
    ],
)
def test_it_refuses(text: str, reason: str) -> None:
    with pytest.raises(ValueError) as refused:
        check_cron(text)
    assert reason in str(refused.value)


def test_a_weekly_form_is_five_fields() -> None:
    assert of_week("SUN 02:00") == "0 2 * * SUN"
    assert of_week("MON-FRI 22:30") == "30 22 * * MON-FRI"
    assert of_week("sat,SUN 00:05") == "5 0 * * sat,SUN"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SUN 24:00", "is not written as"),
        ("SUN 2:00", "is not written as"),
        ("02:00", "is not written as"),
        ("SUN 02:00 UTC", "is not written as"),
        ("7 02:00", "Sunday is 0"),
        ("SUNDAY 02:00", "is no number"),
    ],
)
def test_another_weekly_form_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError) as refused:
        of_week(text)
    assert reason in str(refused.value)
