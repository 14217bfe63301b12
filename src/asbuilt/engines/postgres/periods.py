"""Calendar periods that partitions stand for: where one begins and ends, and how it is written in a name."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

_NAMES = {
    "day": ("{0:%Y}_{0:%m}_{0:%d}", "{0:%Y}{0:%m}{0:%d}", "y{0:%Y}m{0:%m}d{0:%d}"),
    "week": ("{0:%G}_w{0:%V}", "{0:%G}w{0:%V}", "y{0:%G}w{0:%V}", "{0:%Y}_{0:%m}_{0:%d}", "{0:%Y}{0:%m}{0:%d}"),
    "month": ("{0:%Y}_{0:%m}", "{0:%Y}{0:%m}", "y{0:%Y}m{0:%m}", "{0:%Y}m{0:%m}", "{0:%Y}_m{0:%m}"),
    "quarter": ("{0:%Y}_q{1}", "{0:%Y}q{1}", "y{0:%Y}q{1}", "y{0:%Y}_q{1}", "{0:%Y}_Q{1}", "{0:%Y}Q{1}"),
    "year": ("{0:%Y}", "y{0:%Y}"),
}
_DAY = 86_400
_YEAR_DAYS, _MONTH_DAYS = 365, 30
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}


@dataclass(frozen=True, slots=True)
class Scheme:
    """How partitions follow one another: each a `period`, named `prefix` and then the period as `form` writes it.

    A week begins on the same day as the one of `anchor`.
    """

    period: str
    prefix: str
    form: str
    anchor: date

    def start(self, day: date) -> date:
        """Return the first day of the period that `day` is in."""
        if self.period in _DAYS:
            return day - timedelta(days=(day - self.anchor).days % _DAYS[self.period])
        months = _MONTHS[self.period]
        return date(day.year, (day.month - 1) // months * months + 1, 1)

    def next(self, start: date) -> date:
        """Return the first day of the period after the one that begins at `start`."""
        return _next(self.period, start)

    def name(self, start: date) -> str:
        return self.prefix + self.form.format(start, (start.month + 2) // 3)


def _next(period: str, start: date) -> date:
    if period in _DAYS:
        return start + timedelta(days=_DAYS[period])
    month = start.month - 1 + _MONTHS[period]
    return date(start.year + month // 12, month % 12 + 1, 1)


def _begins(period: str) -> Callable[[date], bool]:
    months = _MONTHS.get(period, 1)
    return lambda day: period in _DAYS or (day.day == 1 and (day.month - 1) % months == 0)


def scheme_of(ranges: dict[str, tuple[date, date]]) -> Scheme | None:
    """Return the scheme that the named ranges of days follow, all of them; None where there is none, or more than one."""
    found = [
        Scheme(period, first, form, min(start for start, _ in ranges.values()))
        for period, forms in _NAMES.items()
        if ranges and all(_next(period, low) == high and _begins(period)(low) for low, high in ranges.values())
        for form in forms
        for first in _prefixes(form, ranges)
    ]
    fit = [s for s in found if all(s.name(low) == name and s.start(low) == low for name, (low, _) in ranges.items())]
    return min(fit, key=lambda scheme: len(scheme.prefix), default=None)


def _prefixes(form: str, ranges: dict[str, tuple[date, date]]) -> set[str]:
    name, (low, _) = next(iter(ranges.items()))
    written = form.format(low, (low.month + 2) // 3)
    return {name.removesuffix(written)} if re.search(re.escape(written) + r"\Z", name) else set()


def later(day: date, seconds: int) -> date:
    """Return the day that is so much later; whole months (of 30 days) and years (of 365) go by the calendar."""
    days = seconds // _DAY
    return _moved(day, months) if (months := _months(days)) else days_on(day, days)


def kept_until(day: date, seconds: int) -> date:
    """Return the day up to which something of that day is kept: of the days and the months that the time may mean, what is longer."""
    return max(later(day, seconds), days_on(day, seconds // _DAY))


def oldest_kept(today: date, seconds: int) -> date:
    """Return the day from which on things are kept for so long: of the days and the months that the time may mean, what is longer."""
    days = seconds // _DAY
    return min(days_on(today, -days), _moved(today, -_months(days)))


def _months(days: int) -> int:
    """Return how many months so many days stand for, 0 where they stand for themselves."""
    if days % _YEAR_DAYS == 0:
        return days // _YEAR_DAYS * 12
    return days // _MONTH_DAYS if days % _MONTH_DAYS == 0 else 0


def _moved(day: date, months: int) -> date:
    at = day.year * 12 + day.month - 1 + months
    if not 12 <= at < 12 * 10_000:
        return date.min if months < 0 else date.max
    return date(at // 12, at % 12 + 1, min(day.day, monthrange(at // 12, at % 12 + 1)[1]))


def days_on(day: date, days: int) -> date:
    """Return the day so many days on, as far as the calendar goes."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.min if days < 0 else date.max
