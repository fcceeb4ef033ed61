"""langchain 0.0.300: `openai_api_base`, and headers in `model_kwargs`, on openai 0.27."""

import uuid

import pytest
from langchain.chat_models import ChatOpenAI
from langchain.schema import HumanMessage
from openai import error as errors

from compare import PROVIDER_KEY, TEXT, Program, compare, damaged, helicone_headers, logged, refused
from processes import PROVIDER_HOST

MESSAGES = [HumanMessage(content="Grüße aus Zürich")]


def generate(model):
    result = model.generate([MESSAGES])
    return [result.generations[0][0].text, dict(result.llm_output["token_usage"])]


def stream(model):
    return [chunk.content for chunk in model.stream(MESSAGES)]


def check_answer(outcome):
    text, usage = outcome
    assert text == TEXT
    assert usage["prompt_tokens"] > 0 and usage["completion_tokens"] > 0


def check_stream(pieces):
    assert len(pieces) > 3
    assert "".join(pieces) == TEXT


def check_error(error):
    assert error["class"] is errors.InvalidRequestError


def refused_by_provider(model):
    model.model_kwargs["headers"] = model.model_kwargs["headers"] | damaged("status=400")
    return generate(model)


CALLS = {
    "generate": (generate, check_answer),
    "stream": (stream, check_stream),
    "status 400": (refused_by_provider, check_error),
}


def model(origin, headers):
    options = {"openai_api_key": PROVIDER_KEY, "openai_api_base": f"{origin}/v1", "max_retries": 1}
    return ChatOpenAI(model="gpt-4o-mini", model_kwargs={"headers": headers}, **options)


@pytest.fixture
def program(gatehouse):
    """LangChain by both ways."""
    return Program(
        host=PROVIDER_HOST,
        credential={"authorization": f"Bearer {PROVIDER_KEY}"},
        errors=errors.OpenAIError,
        direct=lambda: model(f"https://{PROVIDER_HOST}", {}),
        gateway=lambda **headers: model(gatehouse.gateway, helicone_headers(PROVIDER_HOST) | headers),
    )


@pytest.mark.parametrize("name", CALLS)
def test_same_outcome_and_same_request(name, program, double):
    call, check = CALLS[name]
    check(compare(program, call, double).outcome)


def test_the_row_has_the_properties(program, gatehouse):
    request_id = str(uuid.uuid4())
    generate(program.gateway(**{"Helicone-Request-Id": request_id, "Helicone-Property-Chain": "greeting"}))
    row = logged(gatehouse, request_id)
    assert row["request_properties"] == {"chain": "greeting"}
    assert (row["provider"], row["cost_status"]) == ("OPENAI", "priced")


def test_an_unknown_key_is_an_authentication_error(program, double):
    assert isinstance(refused(program, generate, double), errors.AuthenticationError)
