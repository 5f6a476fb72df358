"""The benchmark of jsonschema-rs: `python.py FOLDER agree|time MILLISECONDS` prints one JSON object."""

import importlib.metadata
import json
import pathlib
import sys
import time

import jsonschema_rs

folder, task, slice_ms = sys.argv[1], sys.argv[2], int(sys.argv[3])
version = importlib.metadata.version("jsonschema-rs")
given = json.loads((pathlib.Path(folder) / "input.json").read_text())
validators = {
    name: jsonschema_rs.Draft202012Validator(schema, validate_formats=True) for name, schema in given["schemas"].items()
}


def agree():
    disagreements = [
        {"what": case["what"], "schema": case["schema"], "ours": case["valid"]}
        for case in given["cases"]
        if validators[case["schema"]].is_valid(json.loads(case["payload"])) != case["valid"]
    ]
    return {"version": version, "verdicts": len(given["cases"]), "disagreements": disagreements}


def timed(call):
    """Nanoseconds of one call."""
    for _ in range(200):
        call()
    start = time.perf_counter_ns()
    calls = 0
    while True:
        for _ in range(100):
            call()
        calls += 100
        elapsed = time.perf_counter_ns() - start
        if elapsed >= slice_ms * 1_000_000:
            return elapsed / calls


def measure():
    times = {}
    for row in given["timed"]:
        is_valid = validators[row["schema"]].is_valid
        parsed = json.loads(row["payload"])
        payload = row["payload"].encode()
        if not is_valid(parsed):
            raise SystemExit("a payload to time is not valid")
        times[f"{row['name']}, parsed to verdict, {row['strictness']}"] = timed(lambda: is_valid(parsed))
        times[f"{row['name']}, bytes to verdict, {row['strictness']}"] = timed(lambda: is_valid(json.loads(payload)))
    return {"version": version, "times": times}


print(json.dumps(agree() if task == "agree" else measure()))
