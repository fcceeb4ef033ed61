"""Units of use, as `UnitKind` in `crates/types` names and orders them, and exact decimals of their prices."""

from decimal import ROUND_HALF_EVEN, Decimal

TOKEN_UNITS = (
    "input",
    "output",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "reasoning",
    "input_audio",
    "cache_read_audio",
    "output_audio",
    "input_image",
    "cache_read_image",
    "output_image",
    "input_video",
    "citation",
)
TIME_UNITS = ("input_audio_ms", "output_audio_ms", "output_video_ms")
UNITS = (*TOKEN_UNITS, "images", *TIME_UNITS, "characters", "search_units", "web_searches", "pages", "request")

# Prices are kept as 10⁻¹² dollars per token, or per one of anything else.
TOKEN_PLACES = 6
OTHER_PLACES = 12

MILLION = Decimal(1_000_000)

# In dollars, as the book counts a unit: nobody charges more.
HIGHEST_OF_TOKENS = Decimal(2_000)
# Below, a price is that of a step of an image or of a second, filed under tokens.
LOWEST_OF_TEXT = Decimal("0.001")
HIGHEST = {"characters": Decimal("0.01"), "web_searches": Decimal(1), "search_units": Decimal(1)}
HIGHEST_OF_OTHERS = Decimal(10)


def is_possible(unit: str, price: Decimal) -> bool:
    """Whether a price, as the book counts the unit, can be one at all."""
    highest = HIGHEST_OF_TOKENS if unit in TOKEN_UNITS else HIGHEST.get(unit, HIGHEST_OF_OTHERS)
    lowest = LOWEST_OF_TEXT if unit in ("input", "output") and price else 0
    return price.is_finite() and lowest <= price <= highest


def places(unit: str) -> int:
    """Returns how many decimals a price of the unit may have in the book."""
    return TOKEN_PLACES if unit in TOKEN_UNITS else OTHER_PLACES


def in_book_unit(unit: str, dollars: Decimal) -> Decimal:
    """Turns dollars per token into dollars per million tokens; other prices are left as they are."""
    return dollars * MILLION if unit in TOKEN_UNITS else dollars


def rounded(unit: str, price: Decimal) -> Decimal:
    """Returns the price with no more decimals than the book takes; equal to it where it has no more."""
    exponent = Decimal(1).scaleb(-places(unit))
    return price if price == price.quantize(exponent) else price.quantize(exponent, ROUND_HALF_EVEN)


def text(price: Decimal) -> str:
    """Returns the decimal without exponent and without zeros that say nothing."""
    plain = format(price, "f")
    return (plain.rstrip("0").rstrip(".") or "0") if "." in plain else plain


def changed(before: dict[str, Decimal], now: dict[str, Decimal]) -> str:
    """Says which prices are different."""

    def shown(prices: dict[str, Decimal], unit: str) -> str:
        return text(prices[unit]) if unit in prices else "none"

    units = [unit for unit in UNITS if before.get(unit) != now.get(unit)]
    return ", ".join(f"{unit} {shown(before, unit)} to {shown(now, unit)}" for unit in units)
