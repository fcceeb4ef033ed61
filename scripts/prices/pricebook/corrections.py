"""What is known better than the lists have it: `corrections.toml`, in the form of a user's own price file.

From its day on (or from the beginning) to the day before `until` (or for good), a row takes the place of what
the lists say for the provider, its models and the conditions.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from .history import Histories, Row
from .model import Conditions, Prices
from .units import UNITS

NOT_PRICES = {
    "provider", "models", "tier", "above_input_tokens", "region", "off_peak", "variant", "from", "until",
    "source", "reason",
}  # fmt: skip


@dataclass(frozen=True)
class Correction:
    """One row of the file."""

    provider: str
    models: tuple[str, ...]
    at: Conditions
    since: date | None
    until: date | None
    prices: Prices
    source: str
    reason: str


def read(path: Path) -> list[Correction]:
    """Reads the file; it fails for a member that means nothing."""
    return [_correction(row) for row in tomllib.loads(path.read_text(encoding="utf-8"))["prices"]]


def _correction(row: dict) -> Correction:
    unknown = row.keys() - NOT_PRICES - set(UNITS)
    if unknown:
        raise ValueError(f"corrections: {', '.join(sorted(unknown))} of {row['models']} means nothing")
    at = Conditions(
        tier=row.get("tier", ""),
        above=row.get("above_input_tokens", 0),
        region=row.get("region", ""),
        off_peak=row.get("off_peak", ""),
        variant=row.get("variant", ""),
    )
    prices = {unit: Decimal(row[unit]) for unit in UNITS if unit in row}
    days = row.get("from"), row.get("until")
    return Correction(row["provider"], tuple(row["models"]), at, *days, prices, row["source"], row["reason"])


def apply(histories: Histories, corrections: list[Correction]) -> list[str]:
    """Puts the corrections in the place of what they correct; returns those that change nothing any more."""
    idle = []
    for correction in corrections:
        for model in correction.models:
            history = histories.setdefault((correction.provider, model), {})
            rows = history.get(correction.at, [])
            history[correction.at] = corrected = _corrected(rows, correction)
            if corrected == rows:
                idle.append(f"{correction.provider} {model} ({correction.at.text()}), {correction.since or '-'}")
    return idle


def _corrected(rows: list[Row], correction: Correction) -> list[Row]:
    start, end = correction.since or date.min, correction.until or date.max
    before = [row for row in rows if (row.since or date.min) < start]
    within = [row for row in rows if (row.since or date.min) < end]
    after = [row for row in rows if (row.since or date.min) >= end]
    if correction.until and within and not (after and after[0].since == correction.until):
        # What the lists said at that time holds again.
        after.insert(0, Row(correction.until, within[-1].prices))
    first = Row(correction.since, correction.prices)
    merged: list[Row] = []
    for row in (*before, first, *after):
        if not merged or merged[-1].prices != row.prices:
            merged.append(row)
    return merged
