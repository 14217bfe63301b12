"""Quantities in words of many languages, brought to base units. What is no quantity gives None.

A month counts 30 days, a quarter 90, a year 365. Of a range (`10k-20k`) the upper bound counts, of several
quantities the first. A bare number is a count, never a time.
"""

import re
from functools import cache, lru_cache
from math import prod

_HOUR, _DAY = 3600, 86_400
_PERIODS: dict[int, str] = {
    1: "s sec secs second seconds 秒 秒钟 秒鐘 秒間 초 с сек секунда секунды секунд секунду segundo segundos sekunde sekunden seconde "
    "secondes saniye detik secondo secondi sekund sekundy",
    60: "m min mins minute minutes 分 分钟 分鐘 分間 분 мин минута минуты минут минуту minuto minutos minuten dakika menit minuti minut "
    "minuty",
    _HOUR: "h hr hrs hour hours 小时 小時 时 時間 시간 ч час часа часов hora horas stunde stunden heure heures saat jam ora ore godzin "
    "godziny",
    _DAY: "d day days 天 日 日間 일 день дня дней дн día días dia dias tag tage tagen jour jours gün hari giorno giorni dni night nights",
    7 * _DAY: "w wk wks week weeks 周 週 星期 週間 주 주일 неделя недели недель неделю semana semanas woche wochen semaine semaines hafta "
    "minggu settimana settimane tygodni tygodnie",
    30 * _DAY: "mo mos month months 个月 個月 ヶ月 か月 ヵ月 カ月 개월 달 мес месяц месяца месяцев mes meses mês monat monate monaten mois ay "
    "bulan mese mesi miesięcy miesiące",
    90 * _DAY: "quarter quarters 季度 분기 квартал trimestre trimestres quartal",
    365 * _DAY: "y yr yrs year years 年 年間 년 год года лет año años ano anos jahr jahre jahren ans année années yıl sene tahun anno anni "
    "lat lata",
}  # fmt: skip
_UNITS = {word: seconds for seconds, words in _PERIODS.items() for word in words.split()}
_FREQUENCIES: dict[int, str] = {
    60: "minutely|every minute|每分钟|毎分|매분|ежеминутно|cada minuto",
    _HOUR: "hourly|every hour|per hour|每小时|每小時|每时|毎時|매시간|매시|ежечасно|каждый час|cada hora|a cada hora|stündlich|"
    "jede stunde|toutes les heures|horaire|saatlik|setiap jam|her saat",
    _DAY: "daily|nightly|every day|every night|each day|each night|per day|a day|每天|每日|每晚|毎日|日次|매일|ежедневн\\w*|каждый день|"
    "diari[oa]s?|diariamente|diári[oa]s?|cada día|täglich\\w*|jeden tag|quotidien\\w*|chaque jour|günlük|her gün|harian|setiap hari|"
    "giornalier[oa]|codziennie",
    7 * _DAY: "weekly|every week|per week|a week|每周|每週|每星期|毎週|週次|매주|еженедельн\\w*|каждую неделю|semanal(?:mente|es)?|cada semana|"
    "wöchentlich\\w*|hebdomadaire\\w*|haftalık|her hafta|mingguan|settimanal[ei]",
    14 * _DAY: "biweekly|fortnightly|every two weeks|每两周|隔周",
    30 * _DAY: "monthly|every month|per month|a month|每月|每个月|毎月|月次|매월|매달|ежемесячн\\w*|mensual(?:mente|es)?|mensal(?:mente)?|cada mes|"
    "monatlich\\w*|mensuel\\w*|aylık|her ay|bulanan|mensil[ei]",
    90 * _DAY: "quarterly|every quarter|per quarter|每季度|每季|四半期|분기별|ежеквартальн\\w*|trimestral(?:mente)?|vierteljährlich|trimestriel\\w*",
    365 * _DAY: "yearly|annual(?:ly)?|every year|per year|per annum|a year|每年|毎年|年次|매년|ежегодн\\w*|anual(?:mente)?|cada año|jährlich\\w*|"
    "annuel\\w*|yıllık|her yıl|tahunan",
}  # fmt: skip
_SCALES: dict[int, str] = {
    100: "hundred 百 백",
    10**3: "k K thousand thousands 千 천 тыс тысяч тысячи тысяча mil tsd tausend mille bin ribu",
    10**4: "万 萬 만 w",
    10**5: "lakh lakhs 십만",
    10**6: "M m mn mm million millions 百万 百萬 백만 млн миллион миллиона миллионов millón millones milhão milhões mio millionen milyon juta milioni",
    10**7: "crore crores 千万 천만",
    10**8: "亿 億 억",
    10**9: "B bn G billion billions 十亿 млрд миллиард миллиардов mrd milliarden milyar miliar milliard milliards",
    10**12: "T tn trillion trillions 兆 조 万亿 трлн",
}  # fmt: skip
_SCALE = {word: factor for factor, words in _SCALES.items() for word in words.split()}
_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "sixty": 60, "ninety": 90, "half a": 0.5, "half an": 0.5, "half": 0.5, "半": 0.5, "一": 1, "二": 2, "两": 2,
    "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10, "один": 1, "два": 2, "три": 3, "un": 1, "una": 1, "um": 1,
    "uma": 1, "dos": 2, "ein": 1, "eine": 1, "bir": 1,
}  # fmt: skip
_NUMBER = r"(?<!\d)(?:\d{1,3}(?:[,'’_ \u00a0]\d{3}){1,6}(?:\.\d{1,9})?(?!\d)|\d{1,15}(?!\d)(?:[.,]\d{1,9}(?!\d))?)"
_RANGE = r"\s*(?:-|–|—|~|～|to|bis|à|до|至|到)\s*"
_BYTES = {"b": 1, "byte": 1, "bytes": 1, "字节": 1, "바이트": 1} | {
    f"{prefix}{tail}": 1024**power for power, prefix in enumerate("kmgtp", 1) for tail in ("b", "ib", "o", "б")
} | {"кб": 1024, "мб": 1024**2, "гб": 1024**3, "тб": 1024**4}  # fmt: skip
_MILLIS = {
    "ns": 1e-6, "µs": 1e-3, "μs": 1e-3, "us": 1e-3, "微秒": 1e-3, "ms": 1.0, "msec": 1.0, "millis": 1.0, "millisecond": 1.0, "milliseconds": 1.0,
    "毫秒": 1.0, "ミリ秒": 1.0, "밀리초": 1.0, "мс": 1.0, "миллисекунд": 1.0, "milisegundos": 1.0, "millisekunden": 1.0, "millisecondes": 1.0,
}  # fmt: skip
_ISO = re.compile(
    r"(?<![\w])P(?=[\dT])(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?(?!\w)"
)
_ISO_UNITS = (365 * _DAY, 30 * _DAY, 7 * _DAY, _DAY, _HOUR, 60, 1)
_DATE = re.compile(
    r"\d{4}\s*年(?:\s*\d{1,2}\s*月)?(?:\s*\d{1,2}\s*日)?|\d{1,2}\s*月\s*\d{1,2}\s*日|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}:\d{2}"
)
_FACTOR = re.compile(
    rf"(?:(?P<x>{_NUMBER})\s*[x×倍](?![a-z])|[x×]\s*(?P<y>{_NUMBER})|(?P<sign>[+-]?)\s*(?P<percent>{_NUMBER})\s*[%％])",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*(?:(?:,|and|и|und|et|y|e)\s+)?", re.IGNORECASE)
_TIMES = re.compile(
    r"\b(?:(?P<twice>twice)|(?P<n>\d{1,3})\s*times)\s+(?P<period>(?:(?:a|per|each|every)\s+)?\w+)", re.IGNORECASE
)
_RATE = re.compile(r"(?:/|per|every|por|pro|par|в|на)\s*(?P<unit>[^\W\d_]+)", re.IGNORECASE)
_DOUBLING = re.compile(r"\b(?:doubl\w+|tripl\w+)|翻倍|翻番|удва\w+", re.IGNORECASE)
_STEADY = re.compile(
    r"^\s*(?:static|stable|flat|constant|fixed|none|no growth|固定|不变|稳定|없음|нет)\b", re.IGNORECASE
)


@lru_cache(maxsize=4096)
def seconds(text: str) -> int | None:
    """Return the duration or the interval that `text` states (`1h 30m`, `7 天`, `daily`, `PT15M`)."""
    for read in (_iso, _repeated, _duration, _product, period):
        if (found := read(text)) is not None:
            return found
    return None


def duration(text: str) -> int | None:
    """Return how long something lasts; how often it happens (`daily`) is no duration."""
    for read in (_iso, _duration, _product):
        if (found := read(text)) is not None:
            return found
    return None


@lru_cache(maxsize=4096)
def period(text: str) -> int | None:
    """Return the interval in seconds that a word for a frequency states (`hourly`, `每天`, `per month`)."""
    return next((length for length, pattern in _frequencies() if pattern.search(text)), None)


def milliseconds(text: str) -> float | None:
    """Return a latency in milliseconds (`< 100ms`, `0.5 s`, `200 毫秒`)."""
    if match := _quantity(tuple(_MILLIS)).search(text):
        return _upper(match) * _MILLIS[match["unit"].lower()]
    match = _quantity(tuple(_UNITS)).search(_DATE.sub(" ", text))
    return _upper(match) * _UNITS[match["unit"].lower()] * 1000 if match else None


def count(text: str) -> int | None:
    """Return a number of things (`1K`, `10万`, `1,000,000 rows`, `10k-20k`); times, sizes and ratios are none."""
    for match in _count_pattern().finditer(_DATE.sub(" ", text)):
        tail = match["tail"].lower()
        is_attached = bool(tail) and match.end("n") == match.start("tail") and tail[0].isascii()
        if not (
            is_attached or tail in _UNITS or tail in _BYTES or tail in _MILLIS or tail[:1] in ("%", "％", "×", "倍")
        ):
            return _scaled(match)
    return None


def growth(text: str) -> float | None:
    """Return the factor per year that `text` states (`100x/year` is 100.0, `+20%/month` is 1.2 to the 12th)."""
    if _STEADY.match(text):
        return 1.0
    factor = _factor(text)
    span = _rate_period(text)
    if factor is None or factor <= 0 or span is None:
        return None
    powers = 365 * _DAY / span if span < 30 * _DAY else round(360 * _DAY / span) or 1
    try:
        return float(factor**powers)
    except OverflowError:
        return None


def bytes_of(text: str) -> int | None:
    """Return a size in bytes (`10 GB`); prefixes are powers of 1024, as PostgreSQL counts them."""
    match = _quantity(tuple(_BYTES)).search(text)
    return round(_upper(match) * _BYTES[match["unit"].lower()]) if match else None


def percent(text: str) -> float | None:
    """Return the percentage that `text` states, as a number (`99.9%` is 99.9)."""
    match = re.search(
        rf"(?P<n>{_NUMBER})\s*(?:[%％]|percent|per cent|процент|por ciento|por cento|prozent|퍼센트)",
        text,
        re.IGNORECASE,
    )
    if match:
        return _number(match["n"])
    match = re.search(rf"百分之\s*(?P<n>{_NUMBER})", text)
    return _number(match["n"]) if match else None


def _number(text: str) -> float:
    plain = re.sub(r"['’_ \u00a0]", "", text)
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
        return float(plain.replace(",", ""))
    return float(plain.replace(",", "."))


@cache
def _quantity(units: tuple[str, ...]) -> re.Pattern[str]:
    """A number or a range, and one of `units`. Units in Latin or Cyrillic end where the word ends; `M` is no minute."""
    words = "|".join(_unit(unit) for unit in sorted(units, key=len, reverse=True))
    spelled = "|".join(sorted(_WORDS, key=len, reverse=True))
    return re.compile(
        rf"(?:(?<![A-Za-z0-9_.])(?:{_NUMBER}{_RANGE})?(?P<n>{_NUMBER})|(?<![a-zа-я])(?P<word>(?i:{spelled})))[ \u00a0-]?(?P<unit>{words})"
    )


def _unit(word: str) -> str:
    end = r"(?![^\W\d_])" if word[-1] < "\u1100" else ""
    return f"(?i:{re.escape(word)}){end}" if len(word) > 1 else re.escape(word) + end


def _upper(match: re.Match[str]) -> float:
    return _number(match["n"]) if match["n"] else float(_WORDS[match["word"].lower()])


@cache
def _frequencies() -> tuple[tuple[int, re.Pattern[str]], ...]:
    return tuple(
        (length, re.compile(rf"(?<![a-zа-я])(?:{words})(?![a-zа-я])", re.IGNORECASE))
        for length, words in _FREQUENCIES.items()
    )


def _repeated(text: str) -> int | None:
    """`twice a day`, `3 times per week`."""
    match = _TIMES.search(text)
    length = period(match["period"]) if match else None
    times = (2 if match["twice"] else int(match["n"])) if match else 0
    return length // times if length and times else None


def _duration(text: str) -> int | None:
    """The first quantity of time, and the smaller units that follow it at once (`1h 30m`)."""
    text = _DATE.sub(" ", text)
    pattern = _quantity(tuple(_UNITS))
    match = pattern.search(text)
    total, last = 0.0, None
    while match:
        last = _UNITS[match["unit"].lower()]
        total += _upper(match) * last
        gap = _AND.match(text, match.end())
        match = pattern.match(text, gap.end() if gap else match.end())
        if match and _UNITS[match["unit"].lower()] >= last:
            break
    return None if last is None else _whole(total)


def _whole(value: float) -> int | None:
    return round(value) if value < 1e15 and (value >= 0.5 or value == 0) else None


def _iso(text: str) -> int | None:
    match = _ISO.search(text)
    if not match or not any(match.groups()):
        return None
    return _whole(sum(int(n) * size for n, size in zip(match.groups(), _ISO_UNITS, strict=True) if n))


def _product(text: str) -> int | None:
    """`60 * 60 * 24`, as code writes a number of seconds."""
    match = re.fullmatch(r"\s*(\d{1,9}(?:\s*[*×]\s*\d{1,9}){1,4})\s*", text)
    return _whole(prod(int(n) for n in re.findall(r"\d+", match[1]))) if match else None


@cache
def _count_pattern() -> re.Pattern[str]:
    scales = "|".join(sorted((re.escape(s) for s in _SCALE), key=len, reverse=True))
    ends = r"(?![a-zA-Zа-яА-Я])"
    return re.compile(
        rf"(?<![A-Za-z0-9_.%])(?:{_NUMBER}(?:\s?(?:{scales}){ends})?{_RANGE})?(?P<n>{_NUMBER})(?P<scale>\s?(?:{scales}){ends})?"
        rf"[+＋]?\s?(?P<tail>[%％]|[^\W\d_]*)"
    )


def _scaled(match: re.Match[str]) -> int | None:
    value = _number(match["n"]) * (_SCALE[match["scale"].strip()] if match["scale"] else 1)
    return round(value) if value < 1e18 else None


def _factor(text: str) -> float | None:
    if match := _FACTOR.search(text):
        if match["percent"]:
            return 1 + _number(match["percent"]) / 100 * (-1 if match["sign"] == "-" else 1)
        return _number(match["x"] or match["y"])
    match = _DOUBLING.search(text)
    return None if not match else 3.0 if match[0].lower().startswith("trip") else 2.0


def _rate_period(text: str) -> int | None:
    """The time that a rate speaks of: `/year`, `per month`, `/yr`, `YoY`, `年增长`."""
    if found := period(text):
        return found
    if re.search(r"/\s*月", text):
        return 30 * _DAY
    if re.search(r"\bYoY\b|\bp\.?a\.?(?!\w)|年", text, re.IGNORECASE):
        return 365 * _DAY
    if re.search(r"\bMoM\b", text, re.IGNORECASE):
        return 30 * _DAY
    match = _RATE.search(text)
    return _UNITS.get(match["unit"].lower()) if match else None
