"""boto3 against Bedrock's own host: the region in the path, AWS's credentials in headers, a signature by the gateway."""

import base64
import hashlib
import json
import re

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from compare import TEXT, Program, compare, damaged, header, logged, plain_error, refused
from processes import KEY

REGION = "us-east-1"
HOST = f"bedrock-runtime.{REGION}.amazonaws.com"
# The credentials of AWS's own examples, which the double knows too.
ACCESS_KEY, SECRET_KEY = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "token-of-a-session"
MODEL = "anthropic.claude-3-5-sonnet-20240620-v1:0"
PATH = "/model/anthropic.claude-3-5-sonnet-20240620-v1%3A0/"
MESSAGES = [{"role": "user", "content": [{"text": "Grüße aus Zürich"}]}]
PROMPT = {
    "anthropic_version": "bedrock-2023-05-31",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "Grüße aus Zürich"}],
}
# boto3 gives each request an id and a time; the signature is the gateway's.
FRESH = {"authorization", "x-amz-date", "x-amz-content-sha256", "amz-sdk-invocation-id", "amz-sdk-request"}


def converse(client):
    return without_metadata(client.converse(modelId=MODEL, messages=MESSAGES))


def converse_stream(client):
    return list(client.converse_stream(modelId=MODEL, messages=MESSAGES)["stream"])


def invoke(client):
    return json.load(client.invoke_model(modelId=MODEL, body=json.dumps(PROMPT))["body"])


def invoke_stream(client):
    events = client.invoke_model_with_response_stream(modelId=MODEL, body=json.dumps(PROMPT))["body"]
    return [json.loads(event["chunk"]["bytes"]) for event in events]


def wrong_model(client):
    return without_metadata(client.converse(modelId="nobody", messages=MESSAGES))


def without_metadata(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def check_converse(answer):
    assert answer["output"]["message"]["content"] == [{"text": TEXT}]
    assert answer["usage"]["inputTokens"] > 0 and answer["usage"]["outputTokens"] > 0


def check_converse_stream(events):
    texts = [event["contentBlockDelta"]["delta"]["text"] for event in events if "contentBlockDelta" in event]
    assert len(texts) > 3
    assert "".join(texts) == TEXT
    assert events[-1]["metadata"]["usage"]["totalTokens"] > 0


def check_invoke(message):
    assert message["content"][0]["text"] == TEXT
    assert message["usage"]["output_tokens"] > 0


def check_invoke_stream(events):
    assert "".join(event["delta"]["text"] for event in events if event["type"] == "content_block_delta") == TEXT


def check_error(error):
    assert error["code"] == "ValidationException"
    assert "model identifier" in error["message"]


CALLS = {
    "converse": (converse, f"{PATH}converse", check_converse),
    "converse, stream": (converse_stream, f"{PATH}converse-stream", check_converse_stream),
    "invoke": (invoke, f"{PATH}invoke", check_invoke),
    "invoke, stream": (invoke_stream, f"{PATH}invoke-with-response-stream", check_invoke_stream),
    "wrong model": (wrong_model, "/model/nobody/converse", check_error),
}


def client(endpoint, headers):
    """Returns a client that adds `headers` when a request is signed, so that its own signature is without them."""
    bedrock = boto3.client(
        "bedrock-runtime",
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        config=Config(retries={"total_max_attempts": 1}),
    )

    def add(request, **_):
        for name, value in headers.items():
            request.headers[name] = value

    bedrock.meta.events.register("before-send.bedrock-runtime", add)
    return bedrock


def describe(error):
    return plain_error(error) | {"code": error.response["Error"]["Code"]}


@pytest.fixture
def program(gatehouse):
    """boto3 by both ways."""
    ours = {"Helicone-Auth": f"Bearer {KEY}", "aws-access-key": ACCESS_KEY, "aws-secret-key": SECRET_KEY}
    return Program(
        host=HOST,
        credential={},
        errors=ClientError,
        describe=describe,
        fresh=frozenset(FRESH),
        direct=lambda: client(f"https://{HOST}", {}),
        gateway=lambda **headers: client(f"http://bedrock.localhost:{gatehouse.port}/v1/{REGION}", ours | headers),
    )


def check_signature(request, token=None):
    """Asserts that AWS's own code signs what the provider received with the signature that came with it."""
    body = base64.b64decode(request["body_base64"])
    [authorization] = header(request, "authorization")
    parts = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})", authorization
    )
    assert parts, authorization
    [time] = header(request, "x-amz-date")
    assert parts[1] == f"{ACCESS_KEY}/{time[:8]}/{REGION}/bedrock/aws4_request"
    names = parts[2].split(";")
    assert {"host", "x-amz-date"} <= set(names)
    assert header(request, "x-amz-security-token") == ([token] if token else [])
    assert header(request, "x-amz-content-sha256") == [hashlib.sha256(body).hexdigest()]
    signed = AWSRequest(request["method"], f"https://{HOST}{request['target']}", data=body)
    for name in names:
        [signed.headers[name]] = header(request, name)
    signed.context["timestamp"] = time
    auth = SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY, token), "bedrock", REGION)
    assert auth.signature(auth.string_to_sign(signed, auth.canonical_request(signed)), signed) == parts[3]


@pytest.mark.parametrize("name", CALLS)
def test_same_outcome_and_same_request(name, program, double):
    call, path, check = CALLS[name]
    exchange = compare(program, call, double)
    check(exchange.outcome)
    [request] = exchange.requests
    assert request["target"] == path
    assert not [value for value, _ in request["headers"] if value.lower().startswith("aws-")]
    check_signature(request)


def test_the_token_of_a_session_is_signed(program, double):
    double.clear()
    check_converse(converse(program.gateway(**{"aws-session-token": TOKEN})))
    [request] = double.requests()
    check_signature(request, TOKEN)


def test_a_wrong_secret_is_the_providers_own_error(program, double):
    with pytest.raises(ClientError) as caught:
        converse(program.gateway(**{"aws-secret-key": SECRET_KEY[::-1]}))
    assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"


def test_a_limit_of_the_provider_is_its_own_exception(program):
    bedrock = program.gateway(**damaged("status=429"))
    with pytest.raises(bedrock.exceptions.ThrottlingException):
        converse(bedrock)


def test_the_row_names_the_provider(program, gatehouse):
    answer = program.gateway().converse(modelId=MODEL, messages=MESSAGES)
    row = logged(gatehouse, answer["ResponseMetadata"]["HTTPHeaders"]["helicone-id"])
    assert (row["provider"], row["response_status"]) == ("AWS", 200)
    assert SECRET_KEY not in str(row)


def test_an_unknown_key_is_an_access_denied_exception(program, double):
    error = refused(program, converse, double)
    assert error.response["Error"]["Code"] == "AccessDeniedException"
    assert isinstance(error, program.direct().exceptions.AccessDeniedException)


def test_missing_credentials_are_a_validation_exception(program, double):
    double.clear()
    with pytest.raises(ClientError) as caught:
        converse(program.gateway(**{"aws-secret-key": ""}))
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert "aws-secret-key" in str(caught.value)
    assert double.requests() == []
