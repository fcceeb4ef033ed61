"""Writes the book: a line for each row, or for a model that costs the same as another one."""

import re

from .history import Histories, Row
from .model import Conditions, Model
from .units import UNITS, text

# Ways to write a model's name that change nothing about the model, if the prices say so, too.
GEOGRAPHY = re.compile(r"^(us|eu|apac|au|jp|ca|uk|in|global|us-gov)\.")
DATE = re.compile(r"(-\d{4}-\d{2}-\d{2}|[-@]\d{8}|-\d{4})(?=$|-v\d)")
FOLDERS = re.compile(r"^(accounts/fireworks/models/|models/)")
LATEST = re.compile(r"-latest$")


def lines(histories: Histories) -> list[str]:
    """Returns the lines of the book, sorted, without its header."""
    found = []
    for (provider, model), history in sorted(histories.items()):
        if original := _original(histories, (provider, model)):
            found.append(f"{provider}\t{model}\t=\t{original}")
            continue
        for at, rows in sorted(history.items()):
            found.extend(f"{provider}\t{model}\t{_row(at, row)}" for row in rows)
    return found


def _row(at: Conditions, row: Row) -> str:
    prices = " ".join(f"{unit}={text(row.prices[unit])}" for unit in UNITS if unit in row.prices)
    return f"{row.since or '-'}\t{at.text()}\t{prices or '-'}"


def _original(histories: Histories, model: Model) -> str | None:
    """The model that this is another name of: one with a plainer name and the same prices at all times."""
    provider, name = model
    for plainer in _plainer(name):
        other = (provider, plainer)
        if other in histories and histories[other] == histories[model] and _original(histories, other) is None:
            return plainer
    return None


def _plainer(name: str) -> list[str]:
    names = [pattern.sub("", name, count=1) for pattern in (GEOGRAPHY, DATE, FOLDERS, LATEST)]
    names.append(DATE.sub("", GEOGRAPHY.sub("", name, count=1), count=1))
    return [plainer for plainer in dict.fromkeys(names) if plainer and plainer != name]
