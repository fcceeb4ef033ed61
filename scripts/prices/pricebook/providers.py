"""The table of providers, `providers.toml`."""

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Provider:
    """A provider whose prices are taken over."""

    name: str
    litellm: tuple[str, ...]
    prefixes: tuple[str, ...]
    models_dev: tuple[str, ...]
    is_apart: bool
    """Whether the providers of LiteLLM's list are services with prices of their own."""

    def rank(self, listed: str) -> int | None:
        """Returns where a provider of LiteLLM's list stands among those of this one; `None` if it is not one."""
        for rank, pattern in enumerate(self.litellm):
            if listed == pattern or (pattern.endswith("*") and listed.startswith(pattern[:-1])):
                return rank
        return None

    def without_prefix(self, key: str) -> str:
        """Returns a key of the list without what stands before the model's name."""
        for prefix in self.prefixes:
            if key.startswith(prefix):
                return key[len(prefix) :]
        return key


def read(path: Path) -> list[Provider]:
    """Reads the table."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["providers"]
    return [
        Provider(
            name=row["name"],
            litellm=tuple(row.get("litellm", ())),
            prefixes=tuple(row.get("prefixes", ())),
            models_dev=tuple(row.get("models_dev", ())),
            is_apart=row.get("apart", False),
        )
        for row in rows
    ]
