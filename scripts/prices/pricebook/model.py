"""What passes between the steps: conditions of a price, and what one release of a source says."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

Prices = dict[str, Decimal]
"""A price for each unit that has one; empty where it is known that no price is known."""

Model = tuple[str, str]
"""A provider's name, as in Helicone, or the host of one that has none; and a model's name as calls have it."""


class Conditions(NamedTuple):
    """When a price holds, in the order in which the book has them."""

    tier: str = ""
    above: int = 0
    region: str = ""
    off_peak: str = ""
    variant: str = ""

    def text(self) -> str:
        """Returns them as the book has them."""
        pairs = [f"{name}={value}" for name, value in zip(self._fields, self) if value]
        return " ".join(pairs) or "-"


STANDARD = Conditions()

PriceList = dict[Conditions, Prices]


@dataclass(frozen=True)
class Conflict:
    """Two entries of one release for one model that say different things."""

    model: Model
    at: Conditions
    left_out: str
    """The key of the entry that does not count."""
    difference: str


@dataclass
class Snapshot:
    """What one release of a source says."""

    source: str
    version: str
    released: date
    models: dict[Model, PriceList] = field(default_factory=dict)
    services: dict[Model, int] = field(default_factory=dict)
    """For a provider of several services with prices of their own: which of them the prices are of."""
    conflicts: list[Conflict] = field(default_factory=list)
    skipped: Counter = field(default_factory=Counter)
    """How many entries were left out, by reason."""
    roundings: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Values that can't be prices."""
