"""The package `litellm` with `success_callback = ["helicone"]`: calls are logged after they were made.

Not those that stream: this release then fails to write its own record as JSON.
"""

import uuid

import litellm
import pytest

from compare import PROVIDER_KEY, TEXT, logged
from processes import KEY, PROVIDER_HOST

MESSAGES = [{"role": "user", "content": "Grüße aus Zürich"}]


@pytest.fixture(autouse=True)
def callback(gatehouse, monkeypatch):
    """What an application sets."""
    monkeypatch.setenv("HELICONE_API_KEY", KEY)
    monkeypatch.setenv("HELICONE_API_BASE", gatehouse.gateway)
    monkeypatch.setattr(litellm, "success_callback", ["helicone"])


def test_a_call_is_logged_whatever_lies_beside_it(gatehouse):
    request_id = str(uuid.uuid4())
    metadata = {
        "Helicone-Request-Id": request_id,
        "Helicone-User-Id": "ann",
        "Helicone-Property-City": "Zürich",
        "tags": ["a", {"b": [1, 2.5, None]}],
        "hidden": {"windows": [[1, 2]], "nested": {"deep": {"deeper": True}}},
    }
    answer = litellm.completion(
        model="openai/gpt-4o-mini",
        messages=MESSAGES,
        api_key=PROVIDER_KEY,
        api_base=f"https://{PROVIDER_HOST}/v1",
        metadata=metadata,
    )
    assert answer.choices[0].message.content == TEXT
    row = logged(gatehouse, request_id)
    assert (row["provider"], row["source"], row["request_user_id"]) == ("OPENAI", "manual", "ann")
    assert row["request_properties"] == {"city": "Zürich"}
    assert row["response_preview"] == TEXT
    assert row["prompt_tokens"] > 0
    assert row["cost_status"] == "priced"
