"""openai's two ways to the provider: straight to it, and through the gateway."""

from dataclasses import dataclass

from openai import AsyncOpenAI, OpenAI

from compare import PROVIDER_KEY, helicone_headers
from processes import PROVIDER_HOST, Gatehouse

BASE_URL = f"https://{PROVIDER_HOST}/v1"


@dataclass
class Direct:
    """Clients that speak to the provider itself."""

    name = "direct"

    def client(self, **options):
        """Returns a client; retries are off unless `options` say otherwise."""
        return OpenAI(**_options(BASE_URL, options))

    def async_client(self, **options):
        """Returns the asynchronous client."""
        return AsyncOpenAI(**_options(BASE_URL, options))


@dataclass
class Gateway:
    """Clients as a user of the gateway makes them: another base URL and two headers."""

    gatehouse: Gatehouse
    name = "gateway"

    def client(self, **options):
        """Returns a client; retries are off unless `options` say otherwise."""
        return OpenAI(**_options(f"{self.gatehouse.gateway}/v1", options | self._headers(options)))

    def async_client(self, **options):
        """Returns the asynchronous client."""
        return AsyncOpenAI(**_options(f"{self.gatehouse.gateway}/v1", options | self._headers(options)))

    def _headers(self, options):
        return {"default_headers": options.get("default_headers", {}) | helicone_headers(PROVIDER_HOST)}


def _options(base_url, options):
    return {"api_key": PROVIDER_KEY, "base_url": base_url, "max_retries": 0, "timeout": 20} | options
