"""Finds out on which day a price changed: from the history of models.dev, as the package model-prices carries it.

Releases of a list are weeks apart, and behind what they list. Where the history has the very price that a
release is the first to have, some weeks earlier and after the price before, it holds from that day on.
"""

import json
from datetime import date, timedelta
from decimal import Decimal

from .history import TEXT, Histories, History, Row
from .model import STANDARD, Model, Prices
from .providers import Provider

# A list is seldom longer behind than this.
LAG = timedelta(days=100)

Timelines = dict[Model, list[tuple[date, Prices]]]
"""The standard prices of text of a model, and the day on which each began."""


def read(text_of_history: str, providers: list[Provider]) -> Timelines:
    """Reads the history."""
    listed = json.loads(text_of_history, parse_float=Decimal, parse_int=Decimal)["prices"]
    timelines: Timelines = {}
    for provider in providers:
        for slug in provider.models_dev:
            for model, timeline in listed.get(slug, {}).items():
                days = [entry for entry in timeline.get("standard", []) if entry["start"] and entry["rates"]]
                began = [(date.fromisoformat(entry["start"][:10]), _text(entry["rates"])) for entry in days]
                timelines.setdefault((provider.name, model), began)
    return timelines


def _text(rates: dict) -> Prices:
    return {unit: rates[unit] for unit in (*TEXT, "cache_read") if rates.get(unit) is not None}


def refine(histories: Histories, timelines: Timelines) -> int:
    """Puts days in the place of those of releases; returns for how many changes of a model it could."""
    count = 0
    for model, timeline in timelines.items():
        history = histories.get(model, {})
        rows = list(history.get(STANDARD, []))
        for before, row in zip(rows, rows[1:]):
            if row.since and (day := _day(before, row, timeline)):
                _move(history, row.since, day)
                count += 1
    return count


def _day(before: Row, row: Row, timeline: list[tuple[date, Prices]]) -> date | None:
    listed = row.since or date.max
    after = max(before.since or date.min, listed - LAG)
    is_text = any(before.prices.get(unit) != row.prices.get(unit) for unit in TEXT)
    for day, prices in timeline:
        compared = TEXT if is_text else (*TEXT, "cache_read")
        if after < day < listed and all(row.prices.get(unit, 0) == prices.get(unit) for unit in compared):
            return day
    return None


def _move(history: History, listed: date, day: date) -> None:
    """What changed in one release under other conditions changed on the same day."""
    for at, rows in history.items():
        if not any(row.since and day <= row.since < listed for row in rows):
            history[at] = [Row(day, row.prices) if row.since == listed else row for row in rows]
