"""`google-genai`: `http_options` with `base_url` and `headers`, for the Gemini API and for Vertex AI."""

import json

import pytest
from google import genai
from google.genai import errors, types
from google.oauth2.credentials import Credentials

from compare import TEXT, Program, compare, damaged, helicone_headers, logged, refused

GEMINI_HOST = "generativelanguage.googleapis.com"
GEMINI_KEY = "AIza-key-of-the-caller"
VERTEX_HOST = "europe-west4-aiplatform.googleapis.com"
VERTEX_TOKEN = "ya29.token-of-the-caller"
MODEL = "gemini-2.0-flash"
# A text and an image.
CONTENTS = ["Grüße aus Zürich", types.Part.from_bytes(data=b"\x89PNG\r\n\x1a\n", mime_type="image/png")]
PATHS = {
    GEMINI_HOST: f"/v1/models/{MODEL}:",
    VERTEX_HOST: f"/v1beta1/projects/p-1/locations/europe-west4/publishers/google/models/{MODEL}:",
}


def seen(response):
    """Returns what is the same for two calls: the HTTP headers differ."""
    return [response.text, response.usage_metadata, response.candidates]


def plain(client):
    return seen(client.models.generate_content(model=MODEL, contents=CONTENTS))


def stream(client):
    return [seen(chunk) for chunk in client.models.generate_content_stream(model=MODEL, contents=CONTENTS)]


def limited(client):
    config = {"http_options": {"headers": damaged("status=429")}}
    return client.models.generate_content(model=MODEL, contents=CONTENTS, config=config)


def check_answer(outcome):
    text, (_, usage), _ = outcome
    assert text == TEXT
    assert usage["promptTokenCount"] > 0 and usage["candidatesTokenCount"] > 0


def check_stream(chunks):
    assert len(chunks) > 3
    assert "".join(text or "" for text, _, _ in chunks) == TEXT
    assert chunks[-1][1][1]["totalTokenCount"] > 0


def check_limit(error):
    assert error["class"] is errors.ClientError
    assert (error["code"], error["status"]) == (429, "RESOURCE_EXHAUSTED")


CALLS = {
    "plain": (plain, "generateContent", check_answer),
    "stream": (stream, "streamGenerateContent?alt=sse", check_stream),
    "status 429": (limited, "generateContent", check_limit),
}


def gemini(base_url, headers):
    return genai.Client(api_key=GEMINI_KEY, http_options={"base_url": base_url, "headers": headers})


def vertex(base_url, headers):
    return genai.Client(
        vertexai=True,
        project="p-1",
        location="europe-west4",
        credentials=Credentials(VERTEX_TOKEN),
        http_options={"base_url": base_url, "headers": headers},
    )


@pytest.fixture(params=["Gemini", "Vertex AI"])
def program(request, gatehouse):
    """Google's library with one of its two services."""
    make, host, credential = {
        "Gemini": (gemini, GEMINI_HOST, {"x-goog-api-key": GEMINI_KEY}),
        "Vertex AI": (vertex, VERTEX_HOST, {"authorization": f"Bearer {VERTEX_TOKEN}"}),
    }[request.param]
    return Program(
        host=host,
        credential=credential,
        errors=errors.APIError,
        direct=lambda: make(f"https://{host}", {}),
        gateway=lambda **headers: make(gatehouse.gateway, helicone_headers(host) | headers),
    )


@pytest.mark.parametrize("name", CALLS)
def test_same_outcome_and_same_request(name, program, double):
    call, operation, check = CALLS[name]
    exchange = compare(program, call, double)
    check(exchange.outcome)
    assert [request["target"] for request in exchange.requests] == [f"{PATHS[program.host]}{operation}"]


def test_the_row_names_the_provider(program, gatehouse):
    client = program.gateway()
    response = client.models.generate_content(model=MODEL, contents=CONTENTS)
    row = logged(gatehouse, response.sdk_http_response.headers["helicone-id"])
    assert (row["provider"], row["response_status"]) == ("GOOGLE", 200)
    assert row["request_path"] == f"{PATHS[program.host]}generateContent"


@pytest.mark.parametrize("call", [plain, stream])
def test_an_unknown_key_is_a_client_error(call, program, double):
    error = refused(program, call, double)
    assert isinstance(error, errors.ClientError)
    assert (error.code, error.status) == (401, "UNAUTHENTICATED")
    assert error.details["error"]["details"][0]["reason"] == "invalid_api_key", json.dumps(error.details)
