#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Holds JSON files against a JSON Schema: check_schema.py SCHEMA FILE...

A FILE.jsonl has a document on each line. Ends with 0 if all are valid, 1 if one is not."""
import json
import sys

import jsonschema


def documents(path):
    with open(path, encoding="utf-8") as file:
        if path.endswith(".jsonl"):
            yield from (json.loads(line) for line in file)
        else:
            yield json.load(file)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)
    seen = 0
    for path in sys.argv[2:]:
        for document in documents(path):
            seen += 1
            error = jsonschema.exceptions.best_match(validator.iter_errors(document))
            if error:
                where = "/".join(str(part) for part in error.absolute_path)
                print(f"{path}: {where}: {error.message[:300]}")
                return 1
    return 0 if seen else 1


sys.exit(main())
