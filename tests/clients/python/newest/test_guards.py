"""A refusal by a guard: the SDK raises its own error, and who moved over from Helicone reads Helicone's fields."""

import anthropic
import openai
import pytest

from compare import helicone_headers, logged

MODERATED = {"Helicone-Moderations-Enabled": "true"}


def ask(client, text):
    messages = [{"role": "user", "content": [{"type": "text", "text": text}]}]
    return client.chat.completions.create(model="gpt-4o-mini", messages=messages, extra_headers=MODERATED)


# proves: Helicone-Moderations-Enabled
def test_a_flagged_prompt_is_a_bad_request_with_helicones_code(double, gatehouse, gateway):
    client = gateway.client()
    assert ask(client, "Grüße aus Zürich").choices[0].message.content
    double.clear()
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, "FLAG ME")
    error = caught.value
    assert error.code == "PROMPT_FLAGGED_FOR_MODERATION" and error.type == "invalid_request_error"
    answer = error.response.json()
    assert answer["success"] is False
    assert answer["error"]["code"] == error.code and answer["error"]["details"] == "violence"
    assert [request["target"] for request in double.requests()] == ["/v1/moderations"]
    row = logged(gatehouse, error.response.headers["helicone-id"])
    assert (row["response_status"], row["error_type"]) == (400, error.code)


# proves: Helicone-LLM-Security-Enabled
def test_a_guard_that_there_is_not_is_a_bad_request_in_anthropics_shape(double, gatehouse):
    double.clear()
    headers = helicone_headers("api.anthropic.com", **{"Helicone-LLM-Security-Enabled": "true"})
    client = anthropic.Anthropic(base_url=gatehouse.gateway, api_key="sk-ant-key", default_headers=headers)
    message = [{"role": "user", "content": "Grüße"}]
    with pytest.raises(anthropic.BadRequestError, match="asks for a guard"):
        client.messages.create(model="claude-haiku-4-5", max_tokens=64, messages=message)
    assert double.requests() == []
