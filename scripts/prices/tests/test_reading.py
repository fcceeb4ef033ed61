"""Reading the lists: what becomes of an entry."""

import gzip
import json
import sqlite3
import tempfile
import unittest
from datetime import date
from decimal import Decimal
from pathlib import Path

from pricebook import keys, litellm, modelsdev, offpeak
from pricebook.model import STANDARD, Conditions, Snapshot
from pricebook.providers import Provider, read
from pricebook.units import text

PROVIDERS = read(Path(__file__).resolve().parent.parent / "providers.toml")
BY_NAME = {provider.name: provider for provider in PROVIDERS}


def listed(entries: dict) -> Snapshot:
    return litellm.read(json.dumps(entries), "1.0.0", date(2026, 1, 31), PROVIDERS, {"gpt-4": "openai"})


def rows(provider: str, entry: dict, key: str = "some-model") -> dict[str, str]:
    """The rows of one entry, as the book has them."""
    snapshot = listed({key: {"mode": "chat", "litellm_provider": provider} | entry})
    if not snapshot.models:
        return {}
    [prices] = snapshot.models.values()
    return {at.text(): " ".join(f"{unit}={text(price)}" for unit, price in row.items()) for at, row in prices.items()}


class Keys(unittest.TestCase):
    def check(self, provider: str, key: str, expected: tuple | None) -> None:
        found = keys.parse(key, BY_NAME[provider])
        self.assertEqual(None if found is None else tuple(found), expected, key)

    def test_takes_providers_regions_and_sizes_off(self) -> None:
        for provider, key, expected in [
            ("OPENAI", "gpt-4o", ("gpt-4o", "", "", 0)),
            ("OPENAI", "openai/sora-2", ("sora-2", "", "", 0)),
            ("OPENAI", "ft:gpt-4o-2024-08-06", ("ft:gpt-4o-2024-08-06", "", "", 0)),
            ("OPENAI", "hd/1024-x-1792/dall-e-3", ("dall-e-3", "", "hd/1024x1792", 1024 * 1792)),
            ("OPENAI", "256-x-256/dall-e-2", ("dall-e-2", "", "256x256", 65536)),
            ("AZURE", "azure/eu/gpt-4o", ("gpt-4o", "eu", "", 0)),
            ("AZURE", "azure/global/gpt-4o", ("gpt-4o", "", "", 0)),
            ("AZURE", "azure/hd/1024-x-1024/dall-e-3", ("dall-e-3", "", "hd/1024x1024", 1024 * 1024)),
            ("AWS", "bedrock/us-gov-west-1/anthropic.claude-v2:1", ("anthropic.claude-v2:1", "us-gov-west-1", "", 0)),
            ("AWS", "bedrock/invoke/anthropic.claude-3", ("anthropic.claude-3", "", "", 0)),
            ("AWS", "1024-x-1024/50-steps/bedrock/amazon.nova-canvas-v1:0", ("amazon.nova-canvas-v1:0", "", "1024x1024", 1048576)),
            ("AWS", "1024-x-1024/max-steps/stability.stable-diffusion-xl-v0", None),
            ("AWS", "bedrock/*/1-month-commitment/cohere.command-text-v14", None),
            ("AWS", "us.anthropic.claude-3-haiku-20240307-v1:0", ("us.anthropic.claude-3-haiku-20240307-v1:0", "", "", 0)),
            ("GOOGLE", "gemini/gemini-2.5-pro", ("gemini-2.5-pro", "", "", 0)),
            ("GOOGLE", "vertex_ai/claude-opus-4@20250514", ("claude-opus-4@20250514", "", "", 0)),
            ("GROQ", "groq/openai/gpt-oss-20b", ("openai/gpt-oss-20b", "", "", 0)),
            ("PERPLEXITY", "perplexity/perplexity/kimi-k3", ("perplexity/kimi-k3", "", "", 0)),
            ("FIREWORKS", "fireworks_ai/accounts/fireworks/models/glm-5", ("accounts/fireworks/models/glm-5", "", "", 0)),
            ("TOGETHER", "together-ai-4.1b-8b", None),
            ("ANTHROPIC", "fast/us/claude-opus-4-6", None),
        ]:
            self.check(provider, key, expected)


class Entries(unittest.TestCase):
    def test_turns_every_family_of_prices_into_units(self) -> None:
        for provider, entry, expected in [
            (
                "anthropic",
                {
                    "input_cost_per_token": 3e-06,
                    "output_cost_per_token": 1.5e-05,
                    "cache_read_input_token_cost": 3e-07,
                    "cache_creation_input_token_cost": 3.75e-06,
                    "cache_creation_input_token_cost_above_1hr": 6e-06,
                    "input_cost_per_token_above_200k_tokens": 6e-06,
                    "output_cost_per_token_above_200k_tokens": 2.25e-05,
                    "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 1.2e-05,
                    "input_cost_per_token_batches": 1.5e-06,
                    "output_cost_per_token_batches": 7.5e-06,
                },
                {
                    "-": "input=3 output=15 cache_read=0.3 cache_write=3.75 cache_write_1h=6",
                    "above=200000": "input=6 output=22.5 cache_write_1h=12",
                    "tier=batch": "input=1.5 output=7.5",
                },
            ),
            (
                "openai",
                {"input_cost_per_token": 2.5e-06, "input_cost_per_audio_token": 4e-05, "output_cost_per_token": 1e-05,
                 "output_cost_per_audio_token": 8e-05, "input_cost_per_token_priority": 4.25e-06},
                {"-": "input=2.5 output=10 input_audio=40 output_audio=80", "tier=priority": "input=4.25"},
            ),
            ("openai", {"mode": "audio_transcription", "input_cost_per_second": 0.0001, "output_cost_per_second": 0.0001},
             {"-": "input_audio_ms=0.0001"}),
            ("openai", {"mode": "audio_transcription", "input_cost_per_second": 0.0001, "input_cost_per_token": 2.5e-06},
             {"-": "input=2.5"}),
            ("openai", {"mode": "audio_speech", "input_cost_per_character": 1.5e-05}, {"-": "characters=0.000015"}),
            ("vertex_ai", {"mode": "embedding", "input_cost_per_character": 2.5e-08, "input_cost_per_token": 1e-07}, {"-": "characters=0.000000025"}),
            ("openai", {"mode": "video_generation", "output_cost_per_video_per_second": 0.3}, {"-": "output_video_ms=0.3"}),
            ("gemini", {"mode": "video_generation", "output_cost_per_second": 0.05, "output_cost_per_second_1080p": 0.08},
             {"-": "output_video_ms=0.05", "variant=1080p": "output_video_ms=0.08"}),
            ("gemini", {"mode": "image_generation", "output_cost_per_image": 0.134, "output_cost_per_image_token": 0.00012},
             {"-": "output_image=120"}),
            ("gemini", {"mode": "image_generation", "output_cost_per_image": 0.04}, {"-": "images=0.04"}),
            ("mistral", {"mode": "ocr", "ocr_cost_per_page": 0.004, "annotation_cost_per_page": 0.005}, {"-": "pages=0.004"}),
            ("cohere", {"mode": "rerank", "input_cost_per_query": 0.002, "input_cost_per_token": 0.0}, {"-": "input=0 search_units=0.002"}),
            ("perplexity", {"input_cost_per_request": 0.005, "output_cost_per_token": 2.8e-06}, {"-": "output=2.8 request=0.005"}),
            ("perplexity", {"citation_cost_per_token": 2e-06, "output_cost_per_reasoning_token": 3e-06, "output_cost_per_token": 8e-06},
             {"-": "output=8 reasoning=3 citation=2"}),
            ("gemini", {"output_cost_per_reasoning_token": 8e-06, "output_cost_per_token": 8e-06}, {"-": "output=8"}),
            ("deepseek", {"input_cost_per_token_cache_hit": 7e-08, "input_cost_per_token": 2.7e-07}, {"-": "input=0.27 cache_read=0.07"}),
        ]:  # fmt: skip
            self.assertEqual(rows(provider, entry), expected, entry)

    def test_images_of_a_size_are_a_variant(self) -> None:
        pixel = {"mode": "image_generation", "input_cost_per_pixel": 4.0054321e-08, "output_cost_per_pixel": 0.0}
        self.assertEqual(rows("openai", pixel, "medium/1024-x-1024/gpt-image-1"), {"variant=medium/1024x1024": "images=0.042"})
        image = pixel | {"input_cost_per_image": 0.063}
        self.assertEqual(rows("openai", image, "medium/1024-x-1536/gpt-image-1"), {"variant=medium/1024x1536": "images=0.063"})
        self.assertEqual(rows("azure_ai", pixel, "azure_ai/FLUX"), {}, "how many pixels is not known")

    def test_searches_are_a_variant_only_if_their_size_matters(self) -> None:
        def sizes(low: float, medium: float, high: float) -> dict:
            names = ("search_context_size_low", "search_context_size_medium", "search_context_size_high")
            return {"input_cost_per_token": 1e-06, "search_context_cost_per_query": dict(zip(names, (low, medium, high)))}

        self.assertEqual(rows("openai", sizes(0.01, 0.01, 0.01)), {"-": "input=1 web_searches=0.01"})
        for provider, unit in (("openai", "web_searches"), ("perplexity", "request")):
            expected = {"-": "input=1"} | {f"variant={size}": f"{unit}={price}" for size, price in [("low", 0.03), ("medium", 0.04), ("high", 0.05)]}
            self.assertEqual(rows(provider, sizes(0.03, 0.04, 0.05)), expected)

    def test_steps_of_context_regions_and_hours_become_conditions(self) -> None:
        steps = [{"input_cost_per_token": 3e-07, "range": [0, 32000.0]}, {"input_cost_per_token": 5e-07, "range": [32000.0, 128000.0]}]
        self.assertEqual(rows("dashscope", {"tiered_pricing": steps}), {"-": "input=0.3", "above=32000": "input=0.5"})
        uplift = {"input_cost_per_token": 2.5e-06, "regional_processing_uplift_multiplier_eu": 1.1}
        self.assertEqual(rows("openai", uplift), {"-": "input=2.5", "region=eu": "input=2.75"})
        night = {"input_cost_per_token": 3e-07, "off_peak_pricing": {"input_cost_per_token": 1.5e-07, "windows": [{"hours_utc": "16:30-00:30"}]}}
        self.assertEqual(rows("deepseek", night), {"-": "input=0.3", "off_peak=16:30-00:30": "input=0.15"})

    def test_fees_hold_under_all_conditions_and_tokens_do_not(self) -> None:
        entry = {"input_cost_per_token": 1e-06, "cache_read_input_token_cost": 1e-07, "input_cost_per_token_flex": 5e-07,
                 "search_context_cost_per_query": {f"search_context_size_{size}": 0.01 for size in ("low", "medium", "high")}}  # fmt: skip
        self.assertEqual(rows("openai", entry)["tier=flex"], "input=0.5 web_searches=0.01")

    def test_a_zero_is_believed_only_where_models_are_given_away(self) -> None:
        nothing = {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0}
        for provider, key, is_free in [
            ("openrouter", "openrouter/some/model:free", True),
            ("openrouter", "openrouter/some/model", False),
            ("openai", "omni-moderation-latest", True),
            ("openai", "gpt-9", False),
            ("gemini", "gemini/gemini-2.0-flash-exp", True),
            ("codestral", "codestral/codestral-latest", False),
        ]:
            expected = {"-": "input=0 output=0"} if is_free else {}
            self.assertEqual(rows(provider, nothing, key), expected, key)
        self.assertEqual(rows("openai", {"input_cost_per_token": 2e-08, "output_cost_per_token": 0.0}), {"-": "input=0.02"})
        self.assertEqual(rows("deepseek", {"input_cost_per_token": 1e-06, "cache_creation_input_token_cost": 0.0}), {"-": "input=1"})

    def test_what_cannot_be_a_price_is_refused_and_noted(self) -> None:
        snapshot = listed({
            "wandb/a": {"litellm_provider": "wandb", "input_cost_per_token": 0.135, "output_cost_per_token": 1e-06},
            "openrouter/auto": {"litellm_provider": "openrouter", "input_cost_per_token": -1},
            "novita/b": {"litellm_provider": "novita", "output_cost_per_token": 3.2000000000000003e-06},
        })  # fmt: skip
        self.assertEqual(sorted(snapshot.refused), ["OPENROUTER auto: input=-1000000", "api.inference.wandb.ai a: input=135000"])
        self.assertEqual(snapshot.models["api.inference.wandb.ai", "a"], {STANDARD: {"output": Decimal(1)}})
        self.assertEqual(snapshot.models["NOVITA", "b"], {STANDARD: {"output": Decimal("3.2")}})
        self.assertEqual(snapshot.roundings, ["NOVITA b: output=3.2000000000000003"])

    def test_of_two_entries_for_a_model_the_provider_named_first_counts(self) -> None:
        gemini = {"litellm_provider": "gemini", "mode": "chat", "input_cost_per_token": 1e-06}
        vertex = {"litellm_provider": "vertex_ai-language-models", "mode": "chat", "input_cost_per_token": 2e-06}
        snapshot = listed({"gemini-x": vertex, "gemini/gemini-x": gemini})
        self.assertEqual(snapshot.models["GOOGLE", "gemini-x"][STANDARD], {"input": Decimal(1)})
        self.assertEqual([conflict.left_out for conflict in snapshot.conflicts], ["gemini-x"])
        same = {"gemini-x": vertex | {"input_cost_per_token": 1e-06, "input_cost_per_token_batches": 5e-07}, "gemini/gemini-x": gemini}
        self.assertIn(Conditions(tier="batch"), listed(same).models["GOOGLE", "gemini-x"])

    def test_early_entries_without_a_provider_take_that_of_later_lists(self) -> None:
        snapshot = listed({"gpt-4": {"input_cost_per_token": 3e-05}, "unheard-of": {"input_cost_per_token": 3e-05}, "sample_spec": {}})
        self.assertEqual(list(snapshot.models), [("OPENAI", "gpt-4")])
        self.assertEqual(snapshot.skipped["provider that is not taken over"], 1)


class OffPeak(unittest.TestCase):
    def test_keeps_the_hours_that_are_cheap_on_every_day(self) -> None:
        self.assertEqual(offpeak.windows([{"hours_utc": "16:30-00:30"}]), (["16:30-00:30"], True))
        weekends = {"hours_utc": "00:00-00:00", "weekdays": [6, 7]}
        nights = {"hours_utc": ["00:00-01:00", "10:00-00:00"], "weekdays": ["monday", "Tuesday", "wednesday", "thursday", "friday"]}
        self.assertEqual(offpeak.windows([nights, weekends]), (["10:00-01:00"], False))
        self.assertEqual(offpeak.windows([weekends]), ([], False))


class ModelsDev(unittest.TestCase):
    COST = {"input": 1.25, "output": 10, "reasoning": 10, "tiers": [{"input": 2.5, "output": 15, "tier": {"size": 200000, "type": "context"}}]}
    EXPECTED = {
        STANDARD: {"input": Decimal("1.25"), "output": Decimal(10)},
        Conditions(above=200000): {"input": Decimal("2.5"), "output": Decimal(15)},
    }

    def test_reads_json(self) -> None:
        models = {"m": {"cost": self.COST}, "free": {"cost": {"input": 0, "output": 0}}, "none": {}}
        packed = gzip.compress(json.dumps({"google": {"models": models}, "elsewhere": {"models": models}}).encode())
        snapshot = modelsdev.read_json(packed, "1", date(2026, 1, 31), PROVIDERS)
        self.assertEqual(snapshot.models, {("GOOGLE", "m"): self.EXPECTED})

    def test_reads_a_database(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "db")
            database = sqlite3.connect(path)
            costs = "cost_input, cost_output, cost_reasoning, cost_cache_read, cost_cache_write, cost_input_audio, cost_output_audio"
            database.executescript(
                "CREATE TABLE models (full_id, provider_id, id);"
                f"CREATE TABLE pricing (model_full_id, experimental_mode_name, min_context, {costs});"
                "INSERT INTO models VALUES ('google:m', 'google', 'm');"
                "INSERT INTO pricing VALUES ('google:m', NULL, 0, 1.25, 10.0, 10.0, NULL, NULL, NULL, NULL);"
                "INSERT INTO pricing VALUES ('google:m', 'fast', 0, 9.0, 9.0, NULL, NULL, NULL, NULL, NULL);"
                "INSERT INTO pricing VALUES ('google:m', NULL, 200000, 2.5, 15.0, NULL, NULL, NULL, NULL, NULL);"
            )
            database.close()
            snapshot = modelsdev.read_database(path.read_bytes(), "1", date(2026, 1, 31), PROVIDERS)
        self.assertEqual(snapshot.models, {("GOOGLE", "m"): self.EXPECTED})


class Table(unittest.TestCase):
    def test_no_provider_of_a_list_belongs_to_two(self) -> None:
        seen: list[str] = []
        for provider in PROVIDERS:
            self.assertIsInstance(provider, Provider)
            seen += [f"litellm {name}" for name in provider.litellm] + [f"models.dev {name}" for name in provider.models_dev]
        self.assertEqual(len(seen), len(set(seen)))


if __name__ == "__main__":
    unittest.main()
