"""Hours at which a provider is cheaper, as LiteLLM's list has them: windows, some for days of the week."""

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_MINUTES = 24 * 60


def windows(listed: list[dict]) -> tuple[list[str], bool]:
    """Returns the windows that hold on every day (`16:30-00:30`, UTC), and whether there are no others.

    The book knows no days of the week. What is cheaper on some of them only is left out, so that no call is
    priced too low.
    """
    cheap = {day: [False] * DAY_MINUTES for day in DAYS}
    for window in listed:
        hours = window.get("hours_utc", [])
        for span in [hours] if isinstance(hours, str) else hours:
            for day in window.get("weekdays", DAYS):
                for minute in _minutes(span):
                    cheap[_day(day)][minute] = True
    always = [all(cheap[day][minute] for day in DAYS) for minute in range(DAY_MINUTES)]
    is_exact = all(cheap[day] == always for day in DAYS)
    return _spans(always), is_exact


def _day(day: object) -> str:
    """A day by its name, or by its number from Monday on."""
    return day.lower() if isinstance(day, str) else DAYS[int(day) - 1]


def _minutes(span: str) -> list[int]:
    start, end = (_minute(time) for time in span.split("-"))
    length = (end - start) % DAY_MINUTES or DAY_MINUTES
    return [(start + offset) % DAY_MINUTES for offset in range(length)]


def _minute(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def _spans(is_cheap: list[bool]) -> list[str]:
    """The longest spans of minutes, one over midnight as one."""
    starts = [minute for minute in range(DAY_MINUTES) if is_cheap[minute] and not is_cheap[minute - 1]]
    spans = []
    for start in starts:
        end = start
        while is_cheap[end % DAY_MINUTES]:
            end += 1
        spans.append(f"{_time(start)}-{_time(end % DAY_MINUTES)}")
    return spans


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
