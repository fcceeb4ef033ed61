"""Reads the list of models.dev, as two packages carry it: JSON, or a database made of it.

All its prices are dollars per million tokens.
"""

import gzip
import json
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from .free import without_unbelieved_zeros
from .model import STANDARD, Conditions, Model, PriceList, Prices, Snapshot
from .providers import Provider
from .units import is_possible, rounded, text

UNITS = ("input", "output", "reasoning", "cache_read", "cache_write", "input_audio", "output_audio")
NAME = "models.dev"


def read_json(packed: bytes, version: str, released: date, providers: list[Provider]) -> Snapshot:
    """Reads the list as JSON, packed by gzip."""
    listed = json.loads(gzip.decompress(packed), parse_float=Decimal, parse_int=Decimal)
    snapshot = Snapshot(NAME, version, released)
    for provider in providers:
        for slug in provider.models_dev:
            for model, entry in sorted(listed.get(slug, {}).get("models", {}).items()):
                _take(snapshot, (provider.name, model), _rows_of_entry(entry.get("cost") or {}))
    return snapshot


def _rows_of_entry(cost: dict) -> PriceList:
    rows = {STANDARD: _prices(cost)}
    for tier in cost.get("tiers", []):
        if tier["tier"]["type"] == "context":
            rows[Conditions(above=int(tier["tier"]["size"]))] = _prices(tier)
    return rows


def _prices(cost: dict) -> Prices:
    return {unit: cost[unit] for unit in UNITS if isinstance(cost.get(unit), Decimal)}


def read_database(packed: bytes, version: str, released: date, providers: list[Provider]) -> Snapshot:
    """Reads the list as a database of SQLite."""
    snapshot = Snapshot(NAME, version, released)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "models.sqlite")
        path.write_bytes(packed)
        database = sqlite3.connect(path)
        for provider in providers:
            for slug in provider.models_dev:
                for model, rows in _rows_of_database(database, slug):
                    _take(snapshot, (provider.name, model), rows)
        database.close()
    return snapshot


def _rows_of_database(database: sqlite3.Connection, slug: str) -> Iterator[tuple[str, PriceList]]:
    columns = ", ".join(f"cost_{unit}" for unit in UNITS)
    query = (
        f"SELECT models.id, min_context, {columns} FROM models JOIN pricing ON model_full_id = full_id "
        "WHERE provider_id = ? AND experimental_mode_name IS NULL ORDER BY models.id, min_context"
    )
    found: dict[str, PriceList] = {}
    for model, above, *prices in database.execute(query, (slug,)):
        # The database keeps numbers as doubles; the shortest decimal that leads to one is what was written.
        known = {unit: Decimal(repr(price)) for unit, price in zip(UNITS, prices) if price is not None}
        found.setdefault(model, {})[Conditions(above=above)] = known
    yield from found.items()


def _take(snapshot: Snapshot, model: Model, rows: PriceList) -> None:
    if model in snapshot.models:
        return
    taken: PriceList = {}
    for at, prices in rows.items():
        if refused := [f"{unit}={text(price)}" for unit, price in prices.items() if not is_possible(unit, price)]:
            snapshot.refused.append(f"{model[0]} {model[1]}: {', '.join(refused)}")
            continue
        if prices.get("reasoning") == prices.get("output"):
            prices.pop("reasoning", None)
        believed = without_unbelieved_zeros(*model, {unit: rounded(unit, price) for unit, price in prices.items()})
        if believed:
            taken[at] = believed
    if STANDARD in taken:
        snapshot.models[model] = taken
    else:
        snapshot.skipped["entry without a price"] += 1
