"""Quantities in the words of many languages come out in base units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.reading.phrases.quantities import bytes_of, count, growth, milliseconds, percent, seconds

HOUR, DAY = 3600, 86_400


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3600 seconds", HOUR),
        ("1h", HOUR),
        ("30 minutes", 1800),
        ("1h 30m", 5400),
        ("1 hour and 30 minutes", 5400),
        ("<= 5 min", 300),
        ("half an hour", 1800),
        ("one week", 7 * DAY),
        ("2 years", 730 * DAY),
        ("30-90 days", 90 * DAY),
        ("7 days, later 30 days", 7 * DAY),
        ("PT15M", 900),
        ("P1DT12H", DAY + 12 * HOUR),
        ("60 * 60 * 24", DAY),
        ("15分钟", 900),
        ("保留30天", 30 * DAY),
        ("半年", 365 * DAY // 2),
        ("两年", 730 * DAY),
        ("90日間", 90 * DAY),
        ("24시간", DAY),
        ("1 час", HOUR),
        ("1,5 часа", 5400),
        ("3 meses", 90 * DAY),
        ("cada 6 horas", 6 * HOUR),
        ("7 Tage", 7 * DAY),
        ("30 gün", 30 * DAY),
        ("30 hari", 30 * DAY),
        ("daily", DAY),
        ("hourly", HOUR),
        ("every 6 hours", 6 * HOUR),
        ("twice a day", DAY // 2),
        ("3 times per week", 7 * DAY // 3),
        ("每天", DAY),
        ("매일", DAY),
        ("ежедневно", DAY),
        ("diario", DAY),
        ("täglich", DAY),
    ],
)
def test_times(text: str, expected: int) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3600",
        "5M",
        "500 ms",
        "2024年1月15日",
        "2024-01-15",
        "永久",
        "a few",
        "AES-256",
        "at 02:00",
        "100 users",
        "P",
    ],
)
def test_what_is_no_time(text: str) -> None:
    assert seconds(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1K", 1000),
        ("100K", 100_000),
        ("5M", 5_000_000),
        ("1.5B", 1_500_000_000),
        ("1,000,000", 1_000_000),
        ("500 000", 500_000),
        ("10k-20k", 20_000),
        ("10,000+", 10_000),
        ("~500 rows", 500),
        ("1 million", 1_000_000),
        ("5M/year", 5_000_000),
        ("Small dataset (100 records)", 100),
        ("10万", 100_000),
        ("支持100万用户", 1_000_000),
        ("1억", 100_000_000),
        ("5 тыс.", 5000),
        ("1 млн", 1_000_000),
        ("2 millones", 2_000_000),
        ("3 milyon", 3_000_000),
    ],
)
def test_counts(text: str, expected: int) -> None:
    assert count(text) == expected


@pytest.mark.parametrize(
    "text", ["", "20%", "100x/year", "10ms", "500MB", "3 years", "2024-01-01", "v1.0", "p95", "many"]
)
def test_what_is_no_count(text: str) -> None:
    assert count(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100x/year", 100.0),
        ("+20%/month", 1.2**12),
        ("10 %/yr", 1.1),
        ("2x per month", 4096.0),
        ("doubles every year", 2.0),
        ("20% YoY", 1.2),
        ("static", 1.0),
        ("年增长 20%", 1.2),
        ("每月 10%", 1.1**12),
        ("3倍/年", 3.0),
    ],
)
def test_growth_is_a_factor_per_year(text: str, expected: float) -> None:
    assert growth(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", "50%", "1000/day", "fast", "-100%/year", "9e9x/day"])
def test_what_is_no_growth(text: str) -> None:
    assert growth(text) is None


def test_sizes_latencies_percentages() -> None:
    assert [bytes_of(t) for t in ("1 GB", "500MB", "10 KiB", "2,5 GB", "10 ГБ", "10")] == [
        1024**3,
        500 * 1024**2,
        10 * 1024,
        5 * 1024**3 // 2,
        10 * 1024**3,
        None,
    ]
    assert [milliseconds(t) for t in ("< 100ms", "0.5 s", "200毫秒", "50-100 ms", "1 second", "5M")] == [
        100.0,
        500.0,
        200.0,
        100.0,
        1000.0,
        None,
    ]
    assert [percent(t) for t in ("99.9%", "95％", "95 percent", "百分之95", "5")] == [99.9, 95.0, 95.0, 95.0, None]


UNITS = {
    "s": 1,
    "seconds": 1,
    "min": 60,
    "minutes": 60,
    "h": HOUR,
    "hours": HOUR,
    "days": DAY,
    "天": DAY,
    "시간": HOUR,
    "часов": HOUR,
    "weeks": 7 * DAY,
}


@given(st.integers(1, 9999), st.sampled_from(sorted(UNITS)), st.sampled_from(["", " "]))
def test_a_written_time_reads_back(number: int, unit: str, gap: str) -> None:
    assert seconds(f"keep for {number}{gap}{unit}") == number * UNITS[unit]


@given(st.integers(0, 10**12))
def test_a_written_count_reads_back(number: int) -> None:
    assert count(str(number)) == number
    assert count(f"about {number:,} rows") == number


@given(
    st.integers(1, 999),
    st.sampled_from([("K", 10**3), ("M", 10**6), ("B", 10**9), ("万", 10**4), ("억", 10**8), (" млн", 10**6)]),
)
def test_a_scaled_count_reads_back(number: int, scale: tuple[str, int]) -> None:
    assert count(f"{number}{scale[0]}") == number * scale[1]


@given(st.text(max_size=200))
def test_no_text_crashes(text: str) -> None:
    for read in (seconds, count, growth, bytes_of, milliseconds, percent):
        read(text)


@given(st.text(alphabet="0123456789.,' %xKMBPTYDHS/+-分年月日hmsdp", max_size=40))
def test_no_number_crashes(text: str) -> None:
    for read in (seconds, count, growth, bytes_of, milliseconds, percent):
        read(text)


@pytest.mark.parametrize(
    "text", ["9" * 20_000, "1," * 20_000, "1 " * 5_000, "9" * 400 + " GB", "9" * 400 + "%", "9" * 400 + " days"]
)
def test_numbers_of_any_length_are_read_or_left(text: str) -> None:
    for read in (seconds, count, growth, bytes_of, milliseconds, percent):
        found = read(text)
        assert found is None or found < 1e18
