"""Keys of LiteLLM's list: which model they mean, and where or in which form it is sold at the price."""

import re
from typing import NamedTuple

from .providers import Provider

SIZE = re.compile(r"(\d+)-?x-?(\d+)")
AWS_REGION = re.compile(r"[a-z]{2}(-gov|-iso[a-z]*)?-[a-z]+-\d")
AZURE_REGIONS = {"eu": "eu", "us": "us", "global": "", "global-standard": ""}
QUALITIES = {"standard", "hd", "low", "medium", "high", "auto"}
USUAL_STEPS = "50-steps"
# Size classes of models rather than models.
CLASS = re.compile(r"(together-ai|fireworks-ai)-.*")
# Provisioned throughput, sizes and steps that say nothing, and other services of a provider.
NOT_ASKED_FOR = re.compile(r"\*|commitment|-steps/|max-x-max/|^claude_platform/")


class Key(NamedTuple):
    """What a key says."""

    model: str
    region: str = ""
    variant: str = ""
    """Of an image: its size, behind its quality where that has a price of its own (`hd/1024x1792`)."""
    pixels: int = 0
    """Of an image of that size; 0 where none is said."""


def parse(key: str, provider: Provider) -> Key | None:
    """Takes a key apart; `None` for one that names no model that calls could ask for."""
    quality, size, pixels, rest = "", "", 0, key
    while "/" in (rest := provider.without_prefix(rest)):
        head, tail = rest.split("/", 1)
        if match := SIZE.fullmatch(head):
            size = f"{match[1]}x{match[2]}"
            pixels = int(match[1]) * int(match[2])
        elif head in QUALITIES and tail.count("/") > 0:
            quality = head
        elif head != USUAL_STEPS:
            break
        rest = tail
    region, model = _region(rest, provider.name)
    if CLASS.fullmatch(model) or NOT_ASKED_FOR.search(model) or (provider.name == "ANTHROPIC" and "/" in model):
        return None
    # Quality alone is left where it is: it is a part of the model's name then.
    variant = f"{quality}/{size}" if quality and size else size
    return Key(model, region, variant, pixels)


def _region(rest: str, provider: str) -> tuple[str, str]:
    head, _, tail = rest.partition("/")
    if provider == "AZURE" and tail and head in AZURE_REGIONS:
        return AZURE_REGIONS[head], tail
    if provider == "AWS" and tail and AWS_REGION.fullmatch(head):
        return head, tail
    return "", rest
