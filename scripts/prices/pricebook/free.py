"""Which prices of zero are believed.

Lists have a zero for "free of charge" and for "nobody looked it up". A wrong zero hides money, so a zero is
believed only where the provider is known to give the model away; any other one is "not known".
"""

from .model import Prices
from .units import TOKEN_UNITS


def is_free(provider: str, model: str) -> bool:
    """Whether the provider gives the model away, as far as its name tells."""
    name = model.lower()
    match provider:
        case "OPENROUTER":
            return name.endswith(":free")
        case "TOGETHER":
            return name.endswith("-free")
        case "OPENAI":
            return "moderation" in name
        case "GOOGLE":
            # Experimental models, and Gemma as Google's API serves it, have no paid tier.
            return name.startswith("gemma-") or "-exp" in name or name.startswith("learnlm")
        case "LLAMA":
            # The preview of Meta's API is free of charge.
            return "llama" in name
        case "api.z.ai":
            return name in ("glm-4.5-flash", "glm-4.7-flash")
    return False


def without_unbelieved_zeros(provider: str, model: str, prices: Prices) -> Prices:
    """Returns the prices without the zeros that may mean "not known"."""
    if prices and not any(prices.values()):
        return prices if is_free(provider, model) else {}
    # Who bills by the search or the page doesn't bill its tokens.
    pays_otherwise = any(prices.get(unit) for unit in ("search_units", "pages"))
    return {unit: price for unit, price in prices.items() if price or (pays_otherwise and unit in TOKEN_UNITS)}
