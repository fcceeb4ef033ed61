"""Every operation of the API does what its OpenAPI document says, whatever it is sent."""

import os
import subprocess
import sys

from processes import KEY

# How many calls are made up for each operation, beside the document's own examples.
EXAMPLES = os.environ.get("SCHEMA_EXAMPLES", "20")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# Operations that are not called at random, and why.
LEFT_OUT = {
    "revokeApiKey": "it would revoke the key that the calls are made with",
    "signIn": "it is throttled after a few attempts, for everybody on this machine",
    "tailRequests": "its answer has no end",
    "importHeliconeRows": "schemathesis can't write application/x-ndjson",
    "logTracesInProtobuf": "schemathesis can't write application/x-protobuf",
    "createOrganization": "organisations can't be removed, and every one of them slows the others' keys down",
}


def test_answers_are_as_described(gatehouse, tmp_path):
    command = [
        os.path.join(os.path.dirname(sys.executable), "schemathesis"),
        "run",
        f"{gatehouse.api}/openapi.json",
        "--url",
        gatehouse.api,
        "--header",
        f"Authorization: Bearer {KEY}",
        "--checks",
        CHECKS,
        "--phases",
        "examples,fuzzing",
        "--max-examples",
        EXAMPLES,
        "--seed",
        "1",
        "--generation-deterministic",
        "--request-timeout",
        "60",
        "--suppress-health-check",
        "all",
        "--no-color",
        "--report",
        "junit",
        "--report-junit-path",
        str(tmp_path / "report.xml"),
    ]
    for operation in LEFT_OUT:
        command += ["--exclude-operation-id", operation]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=1500)
    print(done.stdout[-200_000:])
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
