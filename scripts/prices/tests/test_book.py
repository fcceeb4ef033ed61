"""The book that is checked in: it is whole, made of what is pinned, and has the prices that providers publish."""

import unittest
from datetime import date
from decimal import Decimal
from pathlib import Path

from pricebook import corrections, lint, wheels
from pricebook.history import Row
from pricebook.model import Conditions, Prices
from pricebook.review import price_on

HERE = Path(__file__).resolve().parent.parent
BOOK = HERE.parent.parent / "crates" / "catalog" / "prices" / "book.tsv"
TODAY = date(2026, 11, 12)

# Written down by hand, not out of the lists. Dollars for a million tokens, in `input output cache_read cache_write
# cache_write_1h`; `.` is "not looked up". A day before the model's name: its price on that day.
PUBLISHED = {
    # developers.openai.com/api/docs/pricing, and the changelog for former prices
    "OPENAI": """
        gpt-4o 2.5 10 1.25
        gpt-4o-2024-05-13 5 15
        gpt-4o-mini 0.15 0.6 0.075
        gpt-4.1 2 8 0.5
        gpt-4.1-mini 0.4 1.6 0.1
        gpt-4.1-nano 0.1 0.4 0.025
        gpt-4-turbo 10 30
        gpt-4 30 60
        gpt-3.5-turbo 0.5 1.5
        gpt-5 1.25 10 0.125
        gpt-5-mini 0.25 2 0.025
        gpt-5-nano 0.05 0.4 0.005
        gpt-5-pro 15 120
        gpt-5.1 1.25 10 0.125
        gpt-5.2 1.75 14 0.175
        gpt-5.4 2.5 15 0.25
        gpt-5.4-mini 0.75 4.5 0.075
        gpt-5.5 5 30 0.5
        gpt-5.6 4 20 0.4
        2026-08-20 gpt-5.6 5 30 0.5
        2026-08-21 gpt-5.6 4 20 0.4
        gpt-6-astra 10 50 1
        o1 15 60 7.5
        o3 2 8 0.5
        o3-mini 1.1 4.4 0.55
        o4-mini 1.1 4.4 0.275
        2025-05-01 o3 10 40 2.5
        2025-06-10 o3 2 8 0.5
        2024-06-01 gpt-4o 5 15
        2024-10-02 gpt-4o 2.5 10 1.25
        text-embedding-3-small 0.02
        text-embedding-3-large 0.13
    """,
    # platform.claude.com/docs/en/about-claude/pricing
    "ANTHROPIC": """
        claude-opus-5-5 4 20 0.2 5 8
        claude-opus-5 5 25 0.5 6.25 10
        claude-opus-4-6 5 25 0.5 6.25 10
        claude-opus-4-5 5 25 0.5 6.25 10
        claude-opus-4-1 15 75 1.5 18.75 30
        claude-opus-4-20250514 15 75 1.5 18.75 30
        claude-3-opus-20240229 15 75 1.5 18.75 30
        claude-sonnet-5-5 2 10 0.1 2.5 4
        2026-10-06 claude-sonnet-5-5 2 10 0.2
        2026-10-07 claude-sonnet-5-5 2 10 0.1
        claude-sonnet-4-6 3 15 0.3 3.75 6
        claude-sonnet-4-5 3 15 0.3 3.75 6
        claude-sonnet-4-20250514 3 15 0.3 3.75 6
        claude-3-5-sonnet-20241022 3 15 0.3 3.75 6
        claude-haiku-5-5 0.1 0.5 0.01 0.125 0.2
        claude-haiku-4-5 1 5 0.1 1.25 2
        claude-3-5-haiku-20241022 0.8 4 0.08 1 1.6
        2024-11-10 claude-3-5-haiku-20241022 1 5
        claude-3-haiku-20240307 0.25 1.25 0.03 0.3 0.5
        claude-fable-5 10 50 1 12.5 20
    """,
    # ai.google.dev/gemini-api/docs/pricing
    "GOOGLE": """
        gemini-2.5-pro 1.25 10 0.125
        gemini-2.5-flash 0.3 2.5 0.03
        gemini-2.5-flash-lite 0.1 0.4 0.01
        gemini-2.0-flash 0.1 0.4 0.025
        2024-06-01 gemini-1.5-pro 3.5 10.5
        2024-11-01 gemini-1.5-pro 1.25 5
        2024-11-01 gemini-1.5-flash 0.075 0.3
    """,
    # api-docs.deepseek.com/quick_start/pricing, as it was on those days
    "DEEPSEEK": """
        2025-03-01 deepseek-chat 0.27 1.1 0.07
        2025-03-01 deepseek-reasoner 0.55 2.19 0.14
        2025-09-10 deepseek-chat 0.56 1.68 0.07
        2025-09-10 deepseek-reasoner 0.56 1.68 0.07
        2025-11-01 deepseek-chat 0.28 0.42 0.028
        2026-06-20 deepseek-chat 0.14 0.28 0.0028
    """,
    # docs.x.ai/docs/models
    "X": """
        grok-3 3 15
        grok-3-mini 0.3 0.5
        grok-4 3 15
        grok-4-fast-reasoning 0.2 0.5 0.05
        grok-4.3 1.25 2.5 0.2
    """,
    # mistral.ai/pricing
    "MISTRAL": """
        mistral-large-latest 0.5 1.5
        mistral-large-2411 2 6
        codestral-latest 0.3 0.9
        2024-10-01 mistral-large-2407 2 6
    """,
    # groq.com/pricing
    "GROQ": """
        llama-3.3-70b-versatile 0.59 0.79
        llama-3.1-8b-instant 0.05 0.08
        openai/gpt-oss-120b 0.15 0.6
    """,
    # cohere.com/pricing
    "COHERE": """
        command-r-plus-08-2024 2.5 10
        command-r-08-2024 0.15 0.6
        command-r7b-12-2024 0.0375 0.15
        command-a-03-2025 2.5 10
        embed-v4.0 0.12
    """,
    # docs.perplexity.ai/getting-started/pricing
    "PERPLEXITY": """
        sonar 1 1
        sonar-pro 3 15
        sonar-reasoning-pro 2 8
        sonar-deep-research 2 8
    """,
}
UNITS = ("input", "output", "cache_read", "cache_write", "cache_write_1h")

# What is not the standard price of tokens: provider, model, conditions, unit, price.
SPECIAL = """
    ANTHROPIC claude-haiku-5-5 above=100000 input 0.5
    ANTHROPIC claude-haiku-5-5 above=100000 output 2.5
    ANTHROPIC claude-sonnet-4-20250514 above=200000 input 6
    ANTHROPIC claude-sonnet-4-20250514 above=200000 output 22.5
    ANTHROPIC claude-opus-4-5 - web_searches 0.01
    GOOGLE gemini-2.5-pro above=200000 input 2.5
    GOOGLE gemini-2.5-pro above=200000 output 15
    GOOGLE gemini-2.5-pro above=200000 cache_read 0.25
    GOOGLE gemini-2.5-flash - input_audio 1
    OPENAI gpt-5.5 tier=priority output 75
    OPENAI gpt-5.4 tier=priority input 5
    OPENAI gpt-5.4 above=272000 input 5
    OPENAI gpt-5.4 above=272000 output 22.5
    OPENAI gpt-5.4 region=eu input 2.75
    OPENAI gpt-4o region=eu input 2.5
    OPENAI gpt-4o tier=batch output 5
    OPENAI gpt-5 tier=flex output 5
    OPENAI dall-e-3 variant=standard/1024x1024 images 0.04
    OPENAI dall-e-3 variant=hd/1024x1792 images 0.12
    OPENAI dall-e-3 variant=1792x1024 images 0.08
    OPENAI dall-e-2 variant=standard/512x512 images 0.018
    OPENAI gpt-4o-transcribe - input_audio 6
    AWS amazon.titan-image-generator-v2:0 variant=premium/1024x1024 images 0.012
    AWS amazon.nova-canvas-v1:0 variant=standard/1024x1024 images 0.04
    GOOGLE text-embedding-005 - characters 0.000000025
    OPENAI whisper-1 - input_audio_ms 0.0001
    OPENAI tts-1 - characters 0.000015
    OPENAI tts-1-hd - characters 0.00003
    OPENAI sora-2 - output_video_ms 0.1
    AZURE dall-e-3 variant=hd/1024x1024 images 0.08
    COHERE rerank-v3.5 - search_units 0.002
    MISTRAL mistral-ocr-latest - pages 0.004
    PERPLEXITY sonar variant=low request 0.005
    PERPLEXITY sonar variant=medium request 0.008
    PERPLEXITY sonar variant=high request 0.012
    PERPLEXITY sonar-pro variant=high request 0.014
    PERPLEXITY sonar-deep-research - web_searches 0.005
    AWS amazon.titan-embed-text-v2:0 - input 0.02
    X grok-4 above=128000 output 30
"""


def read_book() -> tuple[dict, dict, list[str]]:
    """Returns the histories, the aliases and the comments of the book."""
    histories: dict = {}
    aliases: dict = {}
    comments = []
    for line in BOOK.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            comments.append(line)
            continue
        provider, model, since, *rest = line.split("\t")
        if since == "=":
            aliases[provider, model] = rest[0]
            continue
        conditions, prices = rest
        row = Row(None if since == "-" else date.fromisoformat(since), prices_of(prices))
        histories.setdefault((provider, model), {}).setdefault(conditions_of(conditions), []).append(row)
    return histories, aliases, comments


def conditions_of(text: str) -> Conditions:
    pairs = dict(pair.split("=", 1) for pair in text.split(" ") if text != "-")
    return Conditions(**(pairs | ({"above": int(pairs["above"])} if "above" in pairs else {})))


def prices_of(text: str) -> Prices:
    return {unit: Decimal(price) for unit, price in (pair.split("=") for pair in text.split(" ") if text != "-")}


class Book(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.histories, cls.aliases, cls.comments = read_book()

    def history(self, provider: str, model: str) -> dict:
        return self.histories[provider, self.aliases.get((provider, model), model)]

    def test_has_nothing_impossible(self) -> None:
        self.assertEqual(lint.errors(self.histories), [])
        for alias, model in self.aliases.items():
            self.assertIn((alias[0], model), self.histories, alias)
            self.assertNotIn(alias, self.histories)

    def test_is_sorted_and_small(self) -> None:
        text = BOOK.read_text(encoding="utf-8")
        names = [tuple(line.split("\t")[:2]) for line in text.splitlines() if not line.startswith("#")]
        self.assertEqual(names, sorted(names))
        self.assertLess(len(text.encode()), 1_500_000)

    def test_is_made_of_what_is_pinned(self) -> None:
        sources = [f"# {pin.name()}, {pin.released}, SHA-256 {pin.sha256}" for pin in wheels.read(HERE / "wheels.toml")]
        self.assertEqual(self.comments[-len(sources) :], sources, "run `make prices`")

    def test_has_all_corrections(self) -> None:
        for correction in corrections.read(HERE / "corrections.toml"):
            for model in correction.models:
                rows = self.history(correction.provider, model)[correction.at]
                day = correction.since or date.min
                *_, row = (row for row in rows if (row.since or date.min) <= day)
                self.assertEqual(row.prices, correction.prices, f"{model}: run `make prices`")

    def test_has_the_prices_that_providers_publish(self) -> None:
        checked = 0
        for provider, lines in PUBLISHED.items():
            for line in lines.strip().splitlines():
                fields = line.split()
                day = date.fromisoformat(fields.pop(0)) if fields[0][:4].isdigit() else TODAY
                model, *expected = fields
                histories = {(provider, model): self.history(provider, model)}
                found = price_on(histories, (provider, model), day)
                for unit, price in zip(UNITS, expected):
                    self.assertEqual(found.get(unit), Decimal(price), f"{line.strip()}: {unit}")
                    checked += 1
        self.assertGreater(checked, 200)

    def test_has_the_special_prices_that_providers_publish(self) -> None:
        for line in SPECIAL.strip().splitlines():
            provider, model, conditions, unit, price = line.split()
            [*_, row] = self.history(provider, model)[conditions_of(conditions)]
            self.assertEqual(row.prices.get(unit), Decimal(price), line.strip())


if __name__ == "__main__":
    unittest.main()
