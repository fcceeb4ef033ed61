"""openai by every door but `Helicone-Target-Url`: dedicated hosts, keys in the path, two tokens in one header, Azure."""

import uuid

import openai
import pytest

import calls
from compare import PROVIDER_KEY, TEXT, UNKNOWN_KEY, Program, compare, damaged, header, helicone_headers, logged
from processes import KEY, PROVIDER_HOST

EUROPE = "eu.api.openai.com"
AZURE_HOST = "acme.openai.azure.com"
AZURE_KEY = "0123456789abcdef0123456789abcdef"
AZURE_VERSION = "2024-06-01"
AUTH = {"Helicone-Auth": f"Bearer {KEY}"}
TARGET = {"Helicone-Target-Url": f"https://{PROVIDER_HOST}"}
TWO_TOKENS = {"Authorization": f"Bearer {PROVIDER_KEY}, Bearer {KEY}"}
# Host and path of the base URL, and the headers.
DOORS = {
    "dedicated host": ("oai.localhost", "/v1", AUTH),
    "dedicated host, slash": ("oai.localhost", "/v1/", AUTH),
    "dedicated host of Helicone's": ("oai.helicone.ai", "/v1", AUTH),
    "dedicated host of Helicone's, older domain": ("oai.hconeai.com", "/v1", AUTH),
    "dedicated host of Helicone's, Europe": ("eu.oai.helicone.ai", "/v1", AUTH),
    "gateway host": ("gateway.localhost", "/v1", AUTH | TARGET),
    "gateway host of Helicone's": ("gateway.helicone.ai", "/v1", AUTH | TARGET),
    "key before v1": ("oai.localhost", f"/{KEY}/v1", {}),
    "key after v1": ("oai.localhost", f"/v1/{KEY}", {}),
    "key in the path, target in the header": ("127.0.0.1", f"/{KEY}/v1", TARGET),
    "two tokens": ("oai.localhost", "/v1", TWO_TOKENS),
    "two tokens, target in the header": ("127.0.0.1", "/v1", TARGET | TWO_TOKENS),
    # Whoever writes down a target with its path, or a slash, means its origin.
    "target with a slash": ("127.0.0.1", "/v1", AUTH | {"Helicone-Target-URL": f"https://{PROVIDER_HOST}/"}),
    "target with a path": ("127.0.0.1", "/v1", AUTH | {"helicone-target-url": f"https://{PROVIDER_HOST}/v1"}),
}


def client(base_url, headers):
    return openai.OpenAI(api_key=PROVIDER_KEY, base_url=base_url, default_headers=headers, max_retries=0)


def check_plain(outcome):
    _, completion = outcome
    assert completion["choices"][0]["message"]["content"] == TEXT
    assert completion["usage"]["prompt_tokens"] > 0 and completion["usage"]["completion_tokens"] > 0


def check_stream(chunks):
    contents = [chunk["choices"][0]["delta"].get("content") or "" for _, chunk in chunks if chunk["choices"]]
    assert len(contents) > 3
    assert "".join(contents) == TEXT
    assert chunks[-1][1]["usage"]["total_tokens"] > 0


def check_wrong_path(error):
    assert error["class"] is openai.NotFoundError


CALLS = {
    "plain": (calls.plain, check_plain),
    "stream": (calls.stream_with_usage, check_stream),
    "wrong path": (calls.wrong_path, check_wrong_path),
}


@pytest.fixture
def at(gatehouse):
    """Returns the base URL of a path at a host of the gateway's; Helicone's have the usual port."""

    def base_url(host, path):
        port = f":{gatehouse.port}" if host.endswith(("localhost", "127.0.0.1")) else ""
        return f"http://{host}{port}{path}"

    return base_url


@pytest.fixture
def through(at):
    """Returns the program of a door."""

    def program(host, path, headers, provider=PROVIDER_HOST):
        return Program(
            host=provider,
            credential={"authorization": f"Bearer {PROVIDER_KEY}"},
            errors=openai.OpenAIError,
            direct=lambda: client(f"https://{provider}/v1", {}),
            gateway=lambda **more: client(at(host, path), headers | more),
        )

    return program


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("door", DOORS)
def test_same_by_every_door(door, name, through, double):
    call, check = CALLS[name]
    check(compare(through(*DOORS[door]), call, double).outcome)


@pytest.mark.parametrize("door", DOORS)
def test_the_row_names_the_provider_and_has_no_key(door, through, gatehouse):
    request_id = str(uuid.uuid4())
    calls.plain(through(*DOORS[door]).gateway(**{"Helicone-Request-Id": request_id}))
    row = logged(gatehouse, request_id)
    assert (row["provider"], row["response_status"], row["request_path"]) == ("OPENAI", 200, "/v1/chat/completions")
    assert "sk-" not in str(row)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("host", ["oai.localhost", "127.0.0.1"])
def test_same_with_an_api_base(host, name, through, double):
    call, check = CALLS[name]
    base = {"Helicone-OpenAI-Api-Base": f"https://{EUROPE}/v1"}
    check(compare(through(host, "/v1", AUTH | base, EUROPE), call, double).outcome)


def test_an_unknown_key_in_the_path_is_an_authentication_error(at, double):
    double.clear()
    with pytest.raises(openai.AuthenticationError) as caught:
        calls.plain(client(at("oai.localhost", f"/{UNKNOWN_KEY}/v1"), {}))
    assert caught.value.code == "invalid_api_key"
    assert "the key in the path" in str(caught.value)
    assert UNKNOWN_KEY not in str(caught.value)
    assert double.requests() == []


def test_a_host_that_nobody_knows_is_limited(through, double):
    unknown = "other.unknown.example"
    program = through("127.0.0.1", "/v1", helicone_headers(unknown), unknown)
    taken = 0
    with pytest.raises(openai.RateLimitError) as caught:
        for taken in range(20):
            calls.plain(program.gateway())
    error = caught.value
    assert taken >= 1
    assert error.code == "unapproved_domain_limit"
    assert "second" in error.message
    assert int(error.response.headers["retry-after"]) >= 1
    assert error.response.headers["ratelimit-limit"] == "1"


def azure(origin, headers):
    return openai.AzureOpenAI(
        azure_endpoint=origin, api_version=AZURE_VERSION, api_key=AZURE_KEY, default_headers=headers, max_retries=0
    )


@pytest.mark.parametrize("name", CALLS)
def test_same_with_azure(name, gatehouse, double):
    call, check = CALLS[name]
    program = Program(
        host=AZURE_HOST,
        credential={"api-key": AZURE_KEY},
        errors=openai.OpenAIError,
        direct=lambda: azure(f"https://{AZURE_HOST}", {}),
        gateway=lambda: azure(gatehouse.gateway, helicone_headers(AZURE_HOST)),
    )
    exchange = compare(program, call, double)
    check(exchange.outcome)
    if name != "wrong path":
        [request] = exchange.requests
        path = f"/openai/deployments/{calls.MODEL}/chat/completions"
        assert request["target"] == f"{path}?api-version={AZURE_VERSION}"
        assert header(request, "authorization") == []


def test_an_error_of_azure_is_passed_on(gatehouse):
    with pytest.raises(openai.RateLimitError) as caught:
        calls.plain(azure(gatehouse.gateway, helicone_headers(AZURE_HOST) | damaged("status=429,retry-after=7")))
    assert caught.value.response.headers["retry-after"] == "7"


def test_a_label_names_the_provider_of_a_host_that_nobody_knows(through, gatehouse):
    unknown = "local.test"
    request_id = str(uuid.uuid4())
    label = {"Helicone-Target-Provider": "LEMONFOX", "Helicone-Request-Id": request_id}
    calls.plain(through("127.0.0.1", "/v1", helicone_headers(unknown), unknown).gateway(**label))
    row = logged(gatehouse, request_id)
    assert (row["provider"], row["response_status"]) == ("LEMONFOX", 200)
