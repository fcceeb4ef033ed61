#!/usr/bin/env python3
"""Makes what fuzzing starts from, out of the golden exchanges and price lists of the tests."""

import gzip
import json
import pathlib
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORPUS = ROOT / "fuzz" / "corpus"
BETWEEN = b"\n----\n"

# The places of the lists in src/lib.rs.
DIALECTS = {"openai": 0, "openai-variants": 0, "anthropic": 1, "google": 2, "cohere": 3, "bedrock": 4, "unknown": 5}
PATHS = {"chat/completions": 0, "responses": 2, "embeddings": 3, "audio": 4, "images": 5, "messages": 6,
         "enerateContent": 7, "invoke": 8, "converse": 9, "v2/chat": 10, "api/chat": 11}
TYPES = {".json": 0, ".sse": 1, ".sse.gz": 1, ".eventstream": 2, ".jsonl": 3, ".array.json": 0}


def write(target: str, name: str, content: bytes) -> None:
    """Writes one seed."""
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def exchanges():
    """Yields the golden exchanges of the wire: name, dialect, path, content type, encoding, request, response."""
    for folder in sorted((ROOT / "crates/wire/tests/golden").glob("*/*")):
        expected, request = folder / "expected.json", folder / "request.json"
        responses = [path for path in folder.glob("response.*")]
        if not (expected.exists() and request.exists() and responses):
            continue
        said = json.loads(expected.read_text()).get("path", "")
        path = next((place for part, place in PATHS.items() if part in said), 12)
        ending = responses[0].name.removeprefix("response")
        yield (f"{folder.parent.name}-{folder.name}", DIALECTS.get(folder.parent.name, 5), path,
               TYPES.get(ending, 6), 1 if ending.endswith(".gz") else 0,
               request.read_bytes(), responses[0].read_bytes())


def main() -> None:
    """Writes the seeds of every target."""
    for name, dialect, path, content_type, encoding, request, response in exchanges():
        plain = gzip.decompress(response) if encoding else response
        if content_type == 1:
            write("sse", name, bytes([5, 0]) + plain)
        if content_type == 2:
            write("event_stream", name, bytes([9, path]) + plain)
        head = [dialect, path, content_type]
        write("usage", name, bytes([*head, encoding, 7]) + request + BETWEEN + response)
        if len(plain) < 4000 and not encoding:
            write("usage", f"{name}-gzip", bytes([*head, 1, 7]) + request + BETWEEN + gzip.compress(plain, mtime=0))
            write("usage", f"{name}-deflate", bytes([*head, 2, 7]) + request + BETWEEN + zlib.compress(plain))
        call = bytes([0, content_type, path]) + request + BETWEEN + plain
        write("conversation", name, bytes([dialect, path, content_type]) + request + BETWEEN + plain)
        if len(call) < 6000:
            write("mapping", name, b"\x01" + BETWEEN.join([call] * 3))
            for mapping in MAPPINGS:
                write("mapping", f"{name}-{MAPPINGS.index(mapping)}",
                      b"\x00" + json.dumps(mapping).encode() + BETWEEN + call)
    counts = bytes([0, 100]) * 8
    for form, (name, text) in enumerate(PRICES.items()):
        write("price_list", name, bytes([form, 90]) + counts + BETWEEN.join([b"OPENAI", b"gpt-4o", b"", text]))
    lists = (ROOT / "crates/catalog/prices").glob("*.t*")
    for path in lists:
        form = 1 if path.suffix == ".tsv" else 0
        text = b"\n".join(path.read_bytes().split(b"\n")[:120])
        write("price_list", path.name, bytes([form, 90]) + counts + BETWEEN.join([b"OPENAI", b"gpt-4o", b"", text]))


MAPPINGS = [
    {
        "request": {"messages": {"each": "/messages/*", "role": "/role", "content": ["/content"]},
                    "model": {"path": "/model"}},
        "response": {"text": {"path": "/choices/*/message/content", "pick": "first"},
                     "usage": {"input": "/usage/prompt_tokens", "output": "/usage/completion_tokens",
                               "total": "/usage/total_tokens", "identity": "input_output"},
                     "finish": {"path": "/choices/0/finish_reason", "map": {"stop": "stop"}}},
    },
    {
        "request": {"prompt": {"path": "/contents/*/parts/*/text", "join": "\n", "pick": "last"}},
        "response": {"text": {"path": "/content/*[type=text]/text"}, "error": "/error/message"},
        "stream": {"framing": "sse", "done": "[DONE]",
                   "text": {"path": "/delta/text", "mode": "concat",
                            "select": {"members": {"/type": "content_block_delta"}}},
                   "usage": {"counts": {"input": "/message/usage/input_tokens", "output": "/usage/output_tokens"},
                             "mode": "merge"}},
    },
]

PRICES = {
    "file.toml": b"""[[prices]]
provider = "OPENAI"
models = ["gpt-4o", "gpt-4o-2024*"]
tier = "priority"
above_input_tokens = 200000
off_peak = "16:30-00:30"
from = "2026-01-01"
until = "2027-01-01"
input = "4.25"
output = "17"
output_audio_ms = "0.0001"
request = "0.01"
""",
    "book.tsv": b"OPENAI\tgpt-4o\t2024-05-13\ttier=batch\tinput=1.25 output=5\n"
                b"OPENAI\tgpt-4o\t-\t-\tinput=2.5 cache_read=1.25 output=10\nOPENAI\tgpt-4o-x\t=\tgpt-4o\n",
    "overrides.json": json.dumps([
        {"provider": "OPENAI", "models": ["gpt-4o"], "input": "2.5", "output": "10"},
        {"provider": "OPENAI", "models": ["gpt-4*"], "from": "2026-01-01", "input": "2"},
        {"provider": "OPENAI", "models": ["gpt-4o"], "variant": "high", "tier": "flex", "images": "0.04"},
    ]).encode(),
}

if __name__ == "__main__":
    main()
