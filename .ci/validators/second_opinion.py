"""Validates every case with another validator; a result that differs is an error.

`second_opinion.py CASES`: the first line holds the schemas by name, each line after it a case.
"""

import importlib.metadata
import json
import sys

from jsonschema import Draft202012Validator, FormatChecker


def main(path):
    checker = FormatChecker(formats=["date-time"])
    if "date-time" not in checker.checkers:
        raise SystemExit("dates can't be checked: rfc3339-validator is missing")
    with open(path, encoding="utf-8") as cases:
        validators = {}
        for name, schema in json.loads(next(cases)).items():
            Draft202012Validator.check_schema(schema)
            validators[name] = Draft202012Validator(schema, format_checker=checker)
        counts = {True: 0, False: 0}
        differing = 0
        for line in cases:
            case = json.loads(line)
            theirs = validators[case["schema"]].is_valid(json.loads(case["payload"]))
            counts[theirs] += 1
            if theirs != case["valid"]:
                differing += 1
                print(f"{case['schema']}: {case['what']}: ours {case['valid']}, theirs {theirs}")
    version = importlib.metadata.version("jsonschema")
    print(f"jsonschema {version}: {counts[True]} valid and {counts[False]} invalid payloads, {differing} results differ")
    if differing or min(counts.values()) < 1000:
        raise SystemExit(1)


main(sys.argv[1])
