#!/usr/bin/env python3
"""Checks the API of a running site from outside: that its description is sound OpenAPI, and, with --fuzz, that made-up
requests meet no fault of the server and only the answers that the description names.

    pip install openapi-spec-validator schemathesis
    yifa demo --data D --no-serve && yifa serve --data D --listen 127.0.0.1:8290 &
    python3 tools/check-api.py http://127.0.0.1:8290 --token "$(yifa token create ACCOUNT --data D)" --fuzz 40
"""

import argparse
import json
import subprocess
import sys
import urllib.request


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("site", help="address of the running site")
    asked.add_argument("--token", default="", help="a token of an account that may act")
    asked.add_argument("--fuzz", type=int, default=0, metavar="N", help="made-up requests for each operation")
    options = asked.parse_args()
    with urllib.request.urlopen(options.site + "/api/openapi.json") as answer:
        description = json.load(answer)

    from openapi_spec_validator import validate

    validate(description)
    n = sum(len(methods) for methods in description["paths"].values())
    print(f"{n} operations, {len(description['components']['schemas'])} shapes: a sound OpenAPI description")
    if not options.fuzz:
        return 0
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    command = [
        "schemathesis", "run", options.site + "/api/openapi.json", "--header", f"Authorization: Bearer {options.token}",
        "--checks", checks, "--max-examples", str(options.fuzz), "--phases", "examples,coverage,fuzzing", "--seed", "1", "--exclude-method", "DELETE",
    ]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
