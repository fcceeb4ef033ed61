"""Reads the price list of a LiteLLM release: one JSON object, a member for each model.

All its prices are dollars for one unit. What a price is for stands in the member's name, with the conditions
behind it: `cache_read_input_token_cost_above_200k_tokens_priority`.
"""

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from . import keys, offpeak
from .fields import field_of
from .free import without_unbelieved_zeros
from .keys import Key
from .model import STANDARD, Conditions, Conflict, Model, PriceList, Prices, Snapshot
from .providers import Provider
from .units import TOKEN_UNITS, changed, in_book_unit, is_possible, rounded, text

NOT_MODELS = {"sample_spec", "fallback_generalizations"}
SEARCH_SIZES = ("low", "medium", "high")
REGIONAL_UPLIFTS = {"regional_processing_uplift_multiplier_eu": "eu", "regional_processing_uplift_multiplier_us": "us"}


def read(text_of_list: str, version: str, released: date, providers: list[Provider], owners: dict[str, str]) -> Snapshot:
    """Reads a list. `owners` has the provider of keys whose entries name none, as in early lists."""
    snapshot = Snapshot("LiteLLM", version, released)
    entries = json.loads(text_of_list, parse_float=Decimal, parse_int=Decimal)
    ranked = []
    for key, entry in entries.items():
        if key in NOT_MODELS or not isinstance(entry, dict):
            continue
        found = _provider_of(entry.get("litellm_provider") or owners.get(key, ""), providers)
        if found is None:
            snapshot.skipped["provider that is not taken over"] += 1
        else:
            ranked.append((found, key, entry))
    # What comes first counts, so that the order of the list itself does not matter.
    ranked.sort(key=lambda item: (item[0][0].name, item[0][1], len(item[1]), item[1]))
    for (provider, rank), key, entry in ranked:
        _take(snapshot, provider, rank, key, entry)
    return snapshot


def owners_in(text_of_list: str) -> dict[str, str]:
    """Returns the provider that a list names for each key."""
    entries = json.loads(text_of_list, parse_float=Decimal, parse_int=Decimal)
    named = ((key, entry.get("litellm_provider")) for key, entry in entries.items() if isinstance(entry, dict))
    return {key: owner for key, owner in named if owner and key not in NOT_MODELS}


def _provider_of(listed: str, providers: list[Provider]) -> tuple[Provider, int] | None:
    for provider in providers:
        if (rank := provider.rank(listed)) is not None:
            return provider, rank
    return None


def _take(snapshot: Snapshot, provider: Provider, rank: int, name: str, entry: dict) -> None:
    key = keys.parse(name, provider)
    if key is None:
        snapshot.skipped["key that is no model's name"] += 1
        return
    model = (provider.name, key.model)
    rows = _checked(snapshot, model, _rows(snapshot, key, entry))
    if not rows:
        snapshot.skipped["entry without a price"] += 1
        return
    snapshot.services.setdefault(model, rank if provider.is_apart else 0)
    _merge(snapshot, model, name, rows)


def _merge(snapshot: Snapshot, model: Model, name: str, rows: PriceList) -> None:
    present = snapshot.models.setdefault(model, {})
    clashing = [at for at, prices in rows.items() if at in present and _differ(present[at], prices)]
    if clashing:
        at = clashing[0]
        snapshot.conflicts.append(Conflict(model, at, name, changed(present[at], rows[at])))
        return
    for at, prices in rows.items():
        present.setdefault(at, prices)


def _differ(one: Prices, other: Prices) -> bool:
    return any(one[unit] != other[unit] for unit in one.keys() & other.keys())


def _rows(snapshot: Snapshot, key: Key, entry: dict) -> PriceList:
    """The prices of an entry by their conditions, in dollars for one unit."""
    rows: PriceList = {}
    place = Conditions(region=key.region, variant=key.variant)
    fields = [(field, value) for member, value in entry.items() if (field := field_of(member, value))]
    for field, value in sorted(fields, key=lambda item: item[0].rank()):
        if unit := field.unit_in(entry, key):
            at = place._replace(tier=field.tier, above=field.above, variant=field.variant or place.variant)
            prices = rows.setdefault(at, {})
            # Of two members for one thing the first counts that is not zero.
            prices[unit] = prices.get(unit) or field.price(value, key)
    _add_context_steps(rows, place, entry.get("tiered_pricing"))
    _drop_second_bills(rows, entry)
    _add_searches(rows, place, entry)
    _add_regions(rows, entry)
    _add_off_peak(snapshot, rows, place, entry.get("off_peak_pricing"))
    _complete(rows)
    return rows


def _priced(members: dict) -> Prices:
    """The prices among members that say nothing of conditions."""
    found: Prices = {}
    for member, value in members.items():
        field = field_of(member, value)
        if field and not field.tier and not field.above and (unit := field.unit_of_tokens()):
            found.setdefault(unit, value)
    return found


def _add_context_steps(rows: PriceList, place: Conditions, steps: object) -> None:
    for step in steps if isinstance(steps, list) else []:
        limits = step.get("range")
        if not limits:
            continue
        prices = _priced(step)
        if prices:
            rows.setdefault(place._replace(above=int(limits[0])), {}).update(prices)


def _drop_second_bills(rows: PriceList, entry: dict) -> None:
    """Some entries have two prices for the same thing, of which calls are billed one: that of tokens, but for
    texts that are billed by the character.
    """
    for at, prices in rows.items():
        base = rows.get(at._replace(tier="", above=0, variant=""), {}) | prices
        if base.get("output_image"):
            prices.pop("images", None)
        if base.get("output_audio"):
            prices.pop("output_audio_ms", None)
        if base.get("input_audio") or (base.get("input") and entry.get("mode") == "audio_transcription"):
            prices.pop("input_audio_ms", None)
        if base.get("characters"):
            prices.pop("input", None)
        if base.get("reasoning") == base.get("output"):
            prices.pop("reasoning", None)
    for at in [at for at, prices in rows.items() if not prices]:
        del rows[at]


def _add_searches(rows: PriceList, place: Conditions, entry: dict) -> None:
    sizes = entry.get("search_context_cost_per_query")
    prices = {size: sizes.get(f"search_context_size_{size}") for size in SEARCH_SIZES} if isinstance(sizes, dict) else {}
    known = {size: price for size, price in prices.items() if price}
    if not known or place.variant:
        return
    if len(known) == len(SEARCH_SIZES) and len(set(known.values())) == 1:
        rows.setdefault(place, {})["web_searches"] = known["low"]
        return
    # Perplexity's fee by size is for the request, however often it searches.
    unit = "request" if entry.get("litellm_provider") == "perplexity" else "web_searches"
    for size, price in known.items():
        rows[place._replace(variant=size)] = {unit: price}


def _add_regions(rows: PriceList, entry: dict) -> None:
    for member, region in REGIONAL_UPLIFTS.items():
        factor = entry.get(member)
        if factor and factor != 1:
            for at, prices in [(at, prices) for at, prices in rows.items() if not at.region]:
                rows[at._replace(region=region)] = _raised(prices, factor)


def _raised(prices: Prices, factor: Decimal) -> Prices:
    return {unit: price * factor if unit in TOKEN_UNITS else price for unit, price in prices.items()}


def _add_off_peak(snapshot: Snapshot, rows: PriceList, place: Conditions, off_peak: object) -> None:
    if not isinstance(off_peak, dict):
        return
    prices = rows.get(place, {}) | _priced(off_peak)
    windows, is_exact = offpeak.windows(off_peak.get("windows", []))
    if not is_exact:
        snapshot.skipped["off-peak hours of some days of the week only"] += 1
    if windows:
        rows[place._replace(off_peak=",".join(windows))] = prices


def _complete(rows: PriceList) -> None:
    """Gives rows with conditions what does not depend on them: the prices of anything but tokens.

    A price of tokens that is missing under a condition stays unknown.
    """
    for at, prices in rows.items():
        base = rows.get(at._replace(tier="", above=0), {})
        for unit, price in base.items():
            if unit not in TOKEN_UNITS:
                prices.setdefault(unit, price)


def _checked(snapshot: Snapshot, model: Model, rows: PriceList) -> PriceList:
    """The rows in the units of the book, without zeros that mean nothing and what can't be a price."""
    checked: PriceList = {}
    for at, prices in rows.items():
        believed = without_unbelieved_zeros(*model, dict(_book_prices(snapshot, model, prices)))
        if believed:
            checked[at] = believed
    if STANDARD not in checked and not any(at.region or at.variant for at in checked):
        # Prices of tiers alone leave it open what a call without one costs.
        return checked if any(at.above == 0 for at in checked) else {}
    return checked


def _book_prices(snapshot: Snapshot, model: Model, prices: Prices) -> Iterable[tuple[str, Decimal]]:
    for unit, dollars in prices.items():
        price = in_book_unit(unit, dollars)
        if not is_possible(unit, price):
            snapshot.refused.append(f"{model[0]} {model[1]}: {unit}={text(price)}")
            continue
        kept = rounded(unit, price)
        if kept != price:
            snapshot.roundings.append(f"{model[0]} {model[1]}: {unit}={text(price)}")
        yield unit, kept
