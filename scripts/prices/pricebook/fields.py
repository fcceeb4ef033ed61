"""Members of an entry in LiteLLM's list that are prices: what they are for, and under which conditions."""

import re
from dataclasses import dataclass
from decimal import Decimal

from .keys import Key

# What a member is the price of, before the conditions in its name.
STEMS = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "input_cost_per_token_cache_hit": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_audio_token": "input_audio",
    "cache_read_input_audio_token_cost": "cache_read_audio",
    "output_cost_per_audio_token": "output_audio",
    "input_cost_per_image_token": "input_image",
    "cache_read_input_image_token_cost": "cache_read_image",
    "output_cost_per_image_token": "output_image",
    "input_cost_per_video_token": "input_video",
    "citation_cost_per_token": "citation",
    "output_cost_per_image": "images",
    "input_cost_per_image": "images",
    "output_cost_per_pixel": "images",
    "input_cost_per_pixel": "images",
    "input_cost_per_second": "input_audio_ms",
    "output_cost_per_second": "output_audio_ms",
    "output_cost_per_video_per_second": "output_video_ms",
    "input_cost_per_character": "characters",
    "input_cost_per_query": "search_units",
    "ocr_cost_per_page": "pages",
    "input_cost_per_request": "request",
}
# Members that are prices of what no unit of the book stands for.
WITHOUT_PRICE = re.compile(r"cache_creation_input_token_cost_above_12hr.*")
ABOVE = re.compile(r"_above_(\d+)k_tokens")
TIER = re.compile(r"_(batches|flex|priority|balanced|ultrafast|decisions)$")
TIERS = {"batches": "batch"}
# The size of an image or the height of a film, behind its price.
RESOLUTION = re.compile(r"(output_cost_per_image|output_cost_per_second)_([0-9.]+[KkPp]?)$")

IMAGE_MODES = ("image_generation", "image_edit")
# Prices of pixels are a price of an image, divided; beyond this many decimals there is only noise.
IMAGE_PRICE_STEP = Decimal("0.000001")


@dataclass(frozen=True)
class Field:
    """A price: of what, and under which conditions."""

    stem: str
    tier: str = ""
    above: int = 0
    variant: str = ""

    def rank(self) -> int:
        """Returns where the member stands among those that are the price of the same thing."""
        return list(STEMS).index(self.stem)

    def unit_in(self, entry: dict, key: Key) -> str | None:
        """Returns the unit that this is the price of in an entry; `None` when no unit fits."""
        unit, mode = STEMS[self.stem], entry.get("mode")
        match unit:
            case "images":
                return unit if self._is_made(entry, key) else None
            case "input_audio_ms":
                return unit if mode == "audio_transcription" else None
            case "output_audio_ms":
                return {"audio_speech": unit, "audio_transcription": "input_audio_ms", "video_generation": "output_video_ms"}.get(mode)
            case "output_video_ms":
                return unit if mode == "video_generation" else None
            case "characters":
                return unit if mode in ("audio_speech", "embedding") else None
            case "search_units":
                return unit if mode in ("rerank", "search") else None
        return unit

    def unit_of_tokens(self) -> str | None:
        """Returns the unit if it is one of tokens."""
        return STEMS[self.stem] if "token" in self.stem else None

    def _is_made(self, entry: dict, key: Key) -> bool:
        """Whether the price is one of images that are made, and not of images that are shown to a model."""
        if self.stem.endswith("per_pixel"):
            return key.pixels > 0 and entry.get("input_cost_per_image") is None
        if self.stem.startswith("input"):
            return key.pixels > 0
        return entry.get("mode") in IMAGE_MODES

    def price(self, value: Decimal, key: Key) -> Decimal:
        """Returns the price of one unit."""
        if not self.stem.endswith("per_pixel"):
            return value
        return (value * key.pixels).quantize(IMAGE_PRICE_STEP)


def field_of(member: str, value: object) -> Field | None:
    """Returns what a member is the price of; `None` for anything but a price."""
    if not isinstance(value, Decimal) or WITHOUT_PRICE.fullmatch(member):
        return None
    tier, above, variant, stem = "", 0, "", member
    if match := RESOLUTION.fullmatch(stem):
        stem, variant = match[1], match[2]
    if match := TIER.search(stem):
        stem, tier = stem[: match.start()], TIERS.get(match[1], match[1])
    if match := ABOVE.search(stem):
        stem, above = stem[: match.start()] + stem[match.end() :], int(match[1]) * 1000
    return Field(stem, tier, above, variant) if stem in STEMS else None
