"""Which schedules Kubernetes takes."""

import pytest

from ops.kubernetes.schedule import check_schedule


@pytest.mark.parametrize(
    "text",
    [
        "* * * * *", "*/5 * * * *", "0-59/7 * * * *", "5/15 * * * *", "00 01 1,15 jan-mar *",
        "0 0 * * mon-fri", "0 0 * * SUN,2", "0 0 ? * 1", "0 0 29 2 *", "0 0 13 * 5", "@hourly",
        "@midnight", "0 0 * * */2", "0 0 7 7 *", "0 0 * * 0-6", "0 0 * jul wed",
    ],
)  # fmt: skip
def test_it_takes(text: str) -> None:
    check_schedule(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("60 * * * *", "bad minute"),
        ("* 24 * * *", "bad hour"),
        ("* * 0 * *", "bad day-of-month"),
        ("* * * 13 *", "bad month"),
        ("0 0 * * 7", "Sunday is 0"),
        ("0 0 * * 5-7", "Sunday is 0"),
        ("*/0 * * * *", "bad minute"),
        ("22-5 * * * *", "bad minute"),
        ("0 0 * * fri-mon", "bad day-of-week"),
        ("0 0 L * *", "does not know L"),
        ("0 0 LW * *", "does not know LW"),
        ("0 0 * * 5L", "does not know 5L"),
        ("0 0 * * 1#2", "does not know 1#2"),
        ("0 0 31 2 *", "bad day-of-month"),
        ("* * * *", "4 fields, not five"),
        ("* * * * * *", "6 fields, not five"),
        ("", "0 fields, not five"),
        ("TZ=UTC * * * * *", "6 fields, not five"),
        ("@reboot", "of macros there are @yearly"),
        ("@every 5m", "of macros there are"),
        ("-1 * * * *", "bad minute"),
        ("1.5 * * * *", r"does not know 1\.5 for the minute"),
        ("* * * * Monday", "bad day-of-week"),
    ],
)
def test_it_refuses(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_schedule(text)
