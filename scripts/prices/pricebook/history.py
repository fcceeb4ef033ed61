"""Puts releases in order: what held from when on.

A release says what its makers believed on its day. A price that differs from the one before is a row with
that day; whether the provider changed it or somebody corrected the list can't be told.
The first price of a model under some conditions has no day: nothing is known to have been different before,
and a call must not go unpriced because the list was behind the provider.
"""

from dataclasses import dataclass, field
from datetime import date

from .model import STANDARD, Conditions, Model, PriceList, Prices, Snapshot
from .units import changed

TEXT = ("input", "output")
SEARCH_SIZES = ("low", "medium", "high")
# OpenAI's regional hosts cost a tenth more for models released on that day and later, and no more for older ones
# (developers.openai.com/api/docs/guides/data-residency).
FIRST_REGIONAL_PRICES = date(2026, 3, 5)
OPENAI_REGIONS = ("eu", "us")


@dataclass(frozen=True)
class Row:
    """Prices that hold from a day on, or from the beginning."""

    since: date | None
    prices: Prices


History = dict[Conditions, list[Row]]
Histories = dict[Model, History]
Days = list[tuple[date, PriceList]]
"""What is listed for a model, by day."""


@dataclass
class Outcome:
    """The rows, and what people should look at."""

    histories: Histories = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)
    """Prices of upstream's that are left out as mistakes."""
    without_regional_prices: list[Model] = field(default_factory=list)
    """Models of OpenAI's that cost in its regions what they cost elsewhere."""
    swings: list[str] = field(default_factory=list)
    """Prices that changed and changed back, and are kept."""


def merge(main: list[Snapshot], second: list[Snapshot]) -> Outcome:
    """Makes one history of the releases of two sources.

    The main source counts for a model as long as its newest release of a day has the model. What it never
    had, or has no more, is the second's.
    """
    outcome = Outcome()
    for model in sorted({model for snapshot in (*main, *second) for model in snapshot.models}):
        days = _days(model, main, second)
        history: History = {}
        for at in sorted({at for _, rows in days for at in rows}):
            if at.region and _is_withdrawn(days, at):
                outcome.mistakes.append(f"{_label(model, at)}: a price of its own, taken back since")
                continue
            history[at] = _without_mistakes(outcome, model, at, _rows(days, at))
        _drop_images_of_tokens(history)
        outcome.histories[model] = history
        if model[0] == "OPENAI" and days[0][0] < FIRST_REGIONAL_PRICES:
            outcome.without_regional_prices.append(model)
    return outcome


def add_plain_regions(outcome: Outcome) -> None:
    """Gives models that cost the same in OpenAI's regions their price there, once that is final.

    Upstream had put the prices of newer models' regions on older ones, too.
    """
    for model in outcome.without_regional_prices:
        history = outcome.histories[model]
        for at in [at for at in history if not at.region]:
            for region in OPENAI_REGIONS:
                history.setdefault(at._replace(region=region), history[at])


def _drop_images_of_tokens(history: History) -> None:
    """A model whose images are billed by the token has a price an image only for people to compare."""
    if any("output_image" in row.prices for row in history.get(STANDARD, [])):
        for at in [at for at, rows in history.items() if at.variant and rows[-1].prices.keys() == {"images"}]:
            del history[at]


def _label(model: Model, at: Conditions) -> str:
    return f"{model[0]} {model[1]} ({at.text()})"


def _days(model: Model, main: list[Snapshot], second: list[Snapshot]) -> Days:
    with_model = [snapshot for snapshot in main if model in snapshot.models]
    service = min((snapshot.services.get(model, 0) for snapshot in with_model), default=0)
    same = [snapshot for snapshot in with_model if snapshot.services.get(model, 0) == service]
    days = [(snapshot.released, snapshot.models[model]) for snapshot in same]
    for snapshot in second:
        in_force = [release for release in main if release.released <= snapshot.released]
        if model in snapshot.models and not (in_force and model in in_force[-1].models):
            days.append((snapshot.released, snapshot.models[model]))
    return sorted(days, key=lambda day: day[0])


def _is_withdrawn(days: Days, at: Conditions) -> bool:
    """Whether a price is gone while its model is still listed.

    Prices for regions that came and went were put on models that never had them.
    """
    listed = [at in rows for _, rows in days]
    return not listed[-1]


def _rows(days: Days, at: Conditions) -> list[Row]:
    """The history of a model under some conditions, one row for each change."""
    rows: list[Row] = []
    for day, listed in days:
        prices = listed.get(at)
        if prices is None and rows:
            prices = _in_place_of(listed, at)
        if prices is None:
            continue
        if not rows:
            rows.append(Row(None, prices))
        elif _agree(rows[-1].prices, prices):
            # A price that is listed for the first time was the same before, as far as anybody knows; one
            # that is listed no more while the others stay has not changed.
            rows[-1] = Row(rows[-1].since, rows[-1].prices | prices)
        else:
            rows.append(Row(day, prices))
    return _with_later_units(rows)


def _with_later_units(rows: list[Row]) -> list[Row]:
    """Gives a row the units that are first listed in the row after it, where the price of text is the same."""
    filled = rows[-1:]
    for row in reversed(rows[:-1]):
        later = filled[0].prices
        is_same_text = row.prices and all(row.prices.get(unit) == later.get(unit) for unit in TEXT)
        filled.insert(0, Row(row.since, later | row.prices) if is_same_text else row)
    return filled


def _agree(one: Prices, other: Prices) -> bool:
    """Whether two lists of prices say nothing different, and are not one of them "unknown"."""
    return bool(one) == bool(other) and all(one[unit] == other[unit] for unit in one.keys() & other.keys())


def _in_place_of(listed: PriceList, at: Conditions) -> Prices | None:
    """What holds once a price for long inputs, a time of day or a size of searches is listed no more.

    The price of a tier or of another variant that is gone stays: it can't be bought at the general price. What
    a tier charges for long inputs is not known any more as long as they have a price of their own without it.
    """
    if at.tier and at.above and any(other.above == at.above and not other.tier for other in listed):
        return {}
    if at.variant in SEARCH_SIZES:
        general = listed.get(at._replace(variant=""), {}).get("web_searches")
        return None if general is None else {"web_searches": general}
    general = at._replace(off_peak="", above=0)
    return listed.get(general) if general != at else None


# A price that jumps by more than this and comes back to what it was is a mistake. So is one that jumps by more
# while the other price of the text stays.
JUMP = 3
# No provider changes a price by this; somebody got the unit wrong.
WRONG_UNIT = 50


def _without_mistakes(outcome: Outcome, model: Model, at: Conditions, rows: list[Row]) -> list[Row]:
    """Leaves out what upstream itself corrected, as far as it can be told from a change of price."""
    kept: list[Row] = []
    for index, row in enumerate(rows):
        later = [other.prices for other in rows[index + 1 :]]
        since = row.since
        if later and row.prices not in later and _is_corrected_by(row.prices, later[0]):
            outcome.mistakes.append(f"{_label(model, at)}: {changed(row.prices, later[0])}")
            continue
        if kept and kept[-1].prices in later:
            note = f"{_label(model, at)}, {since}: {changed(kept[-1].prices, row.prices)}"
            if _ratio(kept[-1].prices, row.prices) > JUMP:
                outcome.mistakes.append(note)
                continue
            outcome.swings.append(note)
        if not kept:
            kept.append(Row(None, row.prices))
        elif kept[-1].prices != row.prices:
            kept.append(row)
    return kept


def _is_corrected_by(wrong: Prices, right: Prices) -> bool:
    if not any(wrong.values()):
        return False
    if not all(unit in prices for unit in TEXT for prices in (wrong, right)):
        ratio = _ratio(wrong, right)
        # Of an embedding, a tenth or ten times as much is a slip of the point.
        return ratio > WRONG_UNIT or (wrong.keys() == right.keys() == {"input"} and round(ratio, 9) == 10)
    if (wrong["input"], wrong["output"]) == (right["output"], right["input"]) != (right["input"], right["output"]):
        return True
    if wrong["input"] == right["input"] or wrong["output"] == right["output"]:
        return _ratio({unit: wrong[unit] for unit in TEXT}, right) > JUMP
    return _ratio(wrong, right) > WRONG_UNIT


def _ratio(one: Prices, other: Prices) -> float:
    """By how much the prices differ at most; endless where one of two is zero."""
    pairs = [sorted((one[unit], other[unit])) for unit in one.keys() & other.keys()]
    return max((float(high / low) if low else (1.0 if high == low else float("inf")) for low, high in pairs), default=1.0)
