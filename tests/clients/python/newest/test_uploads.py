"""Multipart uploads: the SDK makes up a boundary for each, all other bytes are the same on both routes."""

import hashlib
import random

import pytest

from compare import as_sent, header

SMALL = b"line one\r\n--not-a-boundary\r\n\x00\xff\n"
LARGE = random.Random(7).randbytes(300_000)


def _upload(route, double, content):
    double.clear()
    answer = route.client().files.create(file=("Übersicht.bin", content), purpose="user_data")
    [request] = double.requests()
    return answer, request


def _without_boundary(request):
    [content_type] = header(request, "content-type")
    boundary = content_type.partition("boundary=")[2]
    sent = as_sent(request)
    sent["body"] = sent["body"].replace(boundary.encode(), b"BOUNDARY")
    sent["headers"] = [(name, value.replace(boundary, "BOUNDARY")) for name, value in sent["headers"]]
    return sent


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
def test_upload_arrives_byte_for_byte(content, direct, gateway, double):
    _, straight = _upload(direct, double, content)
    answer, through = _upload(gateway, double, content)
    assert _without_boundary(through) == _without_boundary(straight)
    assert content in as_sent(through)["body"]
    # The answer tells what the provider counted and hashed.
    assert answer.bytes == int(header(through, "content-length")[0])
    assert answer.to_dict()["sha256"] == hashlib.sha256(as_sent(through)["body"]).hexdigest()
