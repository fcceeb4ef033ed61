"""Looks for prices that can't be right, which end the run, and for those that look wrong, which people review."""

from decimal import Decimal

from .history import Histories, History
from .model import STANDARD, Conditions, Prices
from .units import TIME_UNITS, TOKEN_UNITS, is_possible, places, text

# In dollars for a million tokens.
SUSPICIOUS_OF_TOKENS = Decimal(600)


def errors(histories: Histories) -> list[str]:
    """Returns what must not be in the book."""
    found = []
    for (provider, model), history in sorted(histories.items()):
        if not model or any(mark in provider + model for mark in "\t\n") or model.startswith("#"):
            found.append(f"{provider} {model!r}: not a name")
        for at, rows in history.items():
            label = f"{provider} {model} ({at.text()})"
            days = [row.since for row in rows]
            if not days or None in days[1:] or days[1:] != sorted(set(days[1:])):
                found.append(f"{label}: its days are not in order")
            for row in rows:
                found.extend(f"{label}: {problem}" for problem in _impossible(row.prices))
    return found


def _impossible(prices: Prices) -> list[str]:
    problems = []
    for unit, price in prices.items():
        if not is_possible(unit, price):
            problems.append(f"{unit}={price} is no price")
        elif price != round(price, places(unit)):
            problems.append(f"{unit}={price} has too many decimals")
    return problems


def warnings(histories: Histories) -> list[str]:
    """Returns what somebody should look at: about the prices of today only."""
    found = []
    for (provider, model), history in sorted(histories.items()):
        for at, rows in sorted(history.items()):
            for problem in _unlikely(history, at, rows[-1].prices):
                found.append(f"{provider} {model} ({at.text()}): {problem}")
    return found


def _unlikely(history: History, at: Conditions, prices: Prices) -> list[str]:
    problems = []
    price_of_input = prices.get("input", Decimal(0))
    for unit in ("cache_read", "cache_read_audio"):
        if price_of_input and prices.get(unit, Decimal(0)) > max(price_of_input, prices.get("input_audio", Decimal(0))):
            problems.append(f"{unit} {text(prices[unit])} is more than input {text(price_of_input)}")
    if 0 < prices.get("output", Decimal(0)) * 4 < price_of_input:
        problems.append(f"output {text(prices['output'])} is much less than input {text(price_of_input)}")
    if prices.get("cache_write") and prices.get("cache_write_1h", Decimal(0)) > prices["cache_write"] * 2:
        problems.append(f"cache_write_1h {text(prices['cache_write_1h'])} is more than twice cache_write")
    for unit, price in prices.items():
        if unit in TOKEN_UNITS and price > SUSPICIOUS_OF_TOKENS and not unit.endswith("_audio"):
            problems.append(f"{unit} {text(price)} is very high")
        if unit in TIME_UNITS and price > 1:
            problems.append(f"{unit} {text(price)} is very high")
    return problems + _out_of_order(history, at, prices)


def _out_of_order(history: History, at: Conditions, prices: Prices) -> list[str]:
    base_rows = history.get(STANDARD._replace(region=at.region))
    if not base_rows or at == STANDARD:
        return []
    base, problems = base_rows[-1].prices, []
    for unit in ("input", "output"):
        if unit not in prices or unit not in base:
            continue
        if at.tier in ("batch", "flex") and not at.above and prices[unit] > base[unit]:
            problems.append(f"{unit} {text(prices[unit])} is more than the standard tier's {text(base[unit])}")
        if (at.tier == "priority" or (at.above and not at.tier)) and prices[unit] < base[unit]:
            problems.append(f"{unit} {text(prices[unit])} is less than the standard {text(base[unit])}")
    return problems
