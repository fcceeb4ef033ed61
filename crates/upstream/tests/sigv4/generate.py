#!/usr/bin/env python3
"""Writes golden.json, beside this file: requests, and how botocore signs them.

botocore is AWS's own library for Python, and independent of the code under test.
Run it where botocore is installed (`pip install botocore==1.43.11`): python3 generate.py
"""

import datetime
import hashlib
import json
import pathlib
from unittest import mock

import botocore
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ACCESS_KEY = "AKIDEXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJ+/=="
NOON = "2026-11-22T12:00:00Z"
CLAUDE = "anthropic.claude-3-haiku-20240307-v1"
PROFILE = "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.anthropic.claude"


def case(name, path, **more):
    """Describes a request; what is not given is as in most calls."""
    request = {
        "name": name,
        "method": "POST",
        "path_and_query": path,
        "headers": [["content-type", "application/json"]],
        "body": '{"messages":[]}',
        "region": "us-east-1",
        "service": "bedrock",
        "session_token": None,
        "at": NOON,
    }
    request.update(more)
    request.setdefault("host", f"bedrock-runtime.{request['region']}.amazonaws.com")
    return request


CASES = [
    case("plain", "/model/amazon.titan-text-lite-v1/invoke"),
    case("colon", f"/model/{CLAUDE}:0/invoke"),
    case("encoded colon", f"/model/{CLAUDE}%3A0/invoke"),
    case("encoded colon in lower case", f"/model/{CLAUDE}%3a0/invoke"),
    case("stream", f"/model/{CLAUDE}%3A0/invoke-with-response-stream"),
    case("converse", f"/model/{CLAUDE}%3A0/converse", body='{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}'),
    case("converse stream", f"/model/us.{CLAUDE}%3A0/converse-stream"),
    case("arn with encoded slash", f"/model/{PROFILE}/invoke"),
    case("encoded space", "/model/my%20model/invoke"),
    case("doubly encoded", "/model/my%2520model/invoke"),
    case("unicode, encoded", "/model/b%C3%BCcher/invoke"),
    case("unicode, raw", "/model/bücher/invoke"),
    case("unreserved and reserved", "/model/a-b_c.d~e!$'()*,;=@&+/invoke"),
    case("doubled slashes", "//model///x//invoke"),
    case("dot segments", "/a/./b/../model/x/invoke/."),
    case("above the root", "/../../model/x/invoke"),
    case("final slash", "/model/x/invoke/"),
    case("root", "/"),
    case("empty body", "/model/x/invoke", body=""),
    case("get without a body", "/foundation-models", method="GET", headers=[], body=""),
    case("query", "/foundation-models?byProvider=anthropic&byOutputModality=TEXT", method="GET", headers=[], body=""),
    case("query out of order, repeated", "/x?b=2&a=3&a=1&B=0&a=2", method="GET", body=""),
    case("query without values", "/x?prefix&delimiter=&a", method="GET", body=""),
    case("query, encoded", "/x?a=b%20c&d=%2Fe%3Df&g=%C3%BC&h=~-_.", method="GET", body=""),
    case("query name that begins another", "/x?a=1&a-b=2&ab=3&a%2Fb=4", method="GET", body=""),
    case("session token", f"/model/{CLAUDE}%3A0/invoke", session_token=TOKEN),
    case("session token, no content type", "/x", headers=[], session_token=TOKEN),
    case("other region", "/model/x/invoke", region="eu-central-1"),
    case("other service and host", "/api/x", service="sagemaker", host="runtime.sagemaker.us-west-2.amazonaws.com"),
    case("host with a port", "/model/x/invoke", host="localhost:9443"),
    case(
        "headers of AWS",
        "/model/x/invoke",
        headers=[
            ["x-amz-target", "  Some.Target   with \t spaces "],
            ["content-type", "application/json;  charset=utf-8"],
            ["x-amz-meta-b", "2"],
            ["x-amz-meta-b", "1"],
            ["x-amz-a", ""],
        ],
    ),
    case("unicode body", "/model/x/invoke", body='{"prompt":"Grüße, 世界 \\n 🙂"}'),
    case("long body", "/model/x/invoke", body="x" * 3000),
    case("put", "/x", method="PUT"),
    case("first second of a year", "/x", at="2027-01-01T00:00:00Z"),
    case("last second of a leap day", "/x", at="2028-02-29T23:59:59Z"),
]


def sign(request):
    """Returns the headers that botocore adds."""
    body = request["body"].encode()
    aws = AWSRequest(
        method=request["method"], url=f"https://{request['host']}{request['path_and_query']}", data=body
    )
    for name, value in request["headers"]:
        aws.headers.add_header(name, value)
    # The hash goes into a header, too.
    aws.headers["X-Amz-Content-SHA256"] = hashlib.sha256(body).hexdigest()
    at = datetime.datetime.fromisoformat(request["at"])
    credentials = Credentials(ACCESS_KEY, SECRET_KEY, request["session_token"])
    with mock.patch.object(auth, "get_current_datetime", return_value=at):
        auth.SigV4Auth(credentials, request["service"], request["region"]).add_auth(aws)
    added = ["authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"]
    return {name: aws.headers.get(name) for name in added}


def main():
    cases = [{**request, "expected": sign(request)} for request in CASES]
    golden = {
        "generator": f"botocore {botocore.__version__}",
        "access_key": ACCESS_KEY,
        "secret_key": SECRET_KEY,
        "cases": cases,
    }
    text = json.dumps(golden, indent=1, ensure_ascii=False)
    pathlib.Path(__file__).with_name("golden.json").write_text(text + "\n", encoding="utf-8")
    print(f"{len(cases)} cases")


main()
