"""The two ways to the provider: straight to it, and through the gateway.

Straight means that the SDK is told `https://api.openai.com/v1`, and only the TCP connection is led to the double:
name, certificate and everything that is sent are those of a real call.
"""

import ssl
from dataclasses import dataclass

import httpx2
from openai import AsyncOpenAI, OpenAI

from processes import KEY, PROVIDER_HOST, Double, Gatehouse

PROVIDER_KEY = "sk-provider-key-of-the-caller"
BASE_URL = f"https://{PROVIDER_HOST}/v1"


def _led_to_double(request, port):
    assert request.url.host == PROVIDER_HOST, request.url
    return httpx2.Request(
        request.method,
        request.url.copy_with(host="127.0.0.1", port=port),
        headers=request.headers,
        stream=request.stream,
        extensions=request.extensions | {"sni_hostname": PROVIDER_HOST},
    )


class _Direct(httpx2.HTTPTransport):
    def __init__(self, double):
        super().__init__(verify=ssl.create_default_context(cafile=double.ca), trust_env=False)
        self._port = double.port

    def handle_request(self, request):
        return super().handle_request(_led_to_double(request, self._port))


class _AsyncDirect(httpx2.AsyncHTTPTransport):
    def __init__(self, double):
        super().__init__(verify=ssl.create_default_context(cafile=double.ca), trust_env=False)
        self._port = double.port

    async def handle_async_request(self, request):
        return await super().handle_async_request(_led_to_double(request, self._port))


@dataclass
class Direct:
    """Clients that speak to the provider itself."""

    double: Double
    name = "direct"

    def client(self, **options):
        """Returns a client; retries are off unless `options` say otherwise."""
        http = httpx2.Client(transport=_Direct(self.double), trust_env=False)
        return OpenAI(**_options(BASE_URL, options), http_client=http)

    def async_client(self, **options):
        """Returns the asynchronous client."""
        http = httpx2.AsyncClient(transport=_AsyncDirect(self.double), trust_env=False)
        return AsyncOpenAI(**_options(BASE_URL, options), http_client=http)


@dataclass
class Gateway:
    """Clients as a user of the gateway makes them: another base URL and two headers."""

    gatehouse: Gatehouse
    name = "gateway"

    def client(self, **options):
        """Returns a client with the SDK's own transport."""
        return OpenAI(**_options(f"{self.gatehouse.gateway}/v1", options | self._headers(options)))

    def async_client(self, **options):
        """Returns the asynchronous client."""
        return AsyncOpenAI(**_options(f"{self.gatehouse.gateway}/v1", options | self._headers(options)))

    def _headers(self, options):
        ours = {"Helicone-Auth": f"Bearer {KEY}", "Helicone-Target-Url": f"https://{PROVIDER_HOST}"}
        return {"default_headers": options.get("default_headers", {}) | ours}


def _options(base_url, options):
    return {"api_key": PROVIDER_KEY, "base_url": base_url, "max_retries": 0, "timeout": 20} | options
