"""Exports of made-up calls, as readers of each format see them: all three say the same."""

import csv
import datetime
import io
import json
import os
import subprocess
import urllib.request

import pyarrow.parquet
import pytest

from processes import BIN_DIR, INHERITED, KEY, Gatehouse

ROWS = 1_500
BODIES = ("request_body", "response_body")


@pytest.fixture(scope="module")
def seeded(tmp_path_factory, double):
    """A server whose log store was filled before it started."""
    directory = tmp_path_factory.mktemp("seeded")
    command = [BIN_DIR / "gatehouse", "dev", "seed", "--rows", str(ROWS), "--data-dir", directory / "data"]
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment, timeout=120)
    gatehouse = Gatehouse(directory, double)
    yield gatehouse
    gatehouse.stop()


def exported(gatehouse, form):
    """Returns an export with bodies, read to its end."""
    body = json.dumps({"format": form, "includeBodies": True}).encode()
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{gatehouse.api}/v1/request/export", body, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def known(text):
    """Returns a text of CSV; to this reader an empty text and an unknown one are the same."""
    return text or None


def test_every_format_says_the_same(seeded):
    rows = [json.loads(line) for line in exported(seeded, "jsonl").splitlines()]
    table = pyarrow.parquet.read_table(io.BytesIO(exported(seeded, "parquet")))
    text = exported(seeded, "csv").decode()
    csv.field_size_limit(1 << 24)
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == table.num_rows == len(lines) == ROWS
    assert set(table.column_names) == set(lines[0]) == set(rows[0])
    for row, cells, line in zip(rows, table.to_pylist(), lines, strict=True):
        assert row["request_id"] == cells["request_id"] == line["request_id"]
        assert datetime.datetime.fromisoformat(row["request_created_at"]) == cells["request_created_at"]
        for name in ("cost_nano_usd", "total_tokens", "delay_ms", "is_stream", "threat", "response_status"):
            assert row[name] == cells[name], name
            assert row[name] == json.loads(line[name] or "null"), name
        for name in ("model", "request_user_id", "request_preview", "cost_status"):
            assert row[name] == cells[name], name
            assert (row[name] or None) == known(line[name]), name
        for name in ("properties", "scores", "guards", *BODIES):
            assert row[name] == json.loads(cells[name] or "null") == json.loads(line[name] or "null"), name
