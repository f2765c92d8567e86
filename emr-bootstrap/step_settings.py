"""The streaming step's one argument for step.sh: JSON, as src/spark/step-settings.ts describes it.

Prints values that each end with a NUL byte: those that step.sh needs itself, in the order of STEP, then the arguments
of duty_cycle.py, which checks them. Exit status: 2 for a wrong argument, after one line that says what is wrong.
"""

from __future__ import annotations

import json
import sys
from typing import List

STEP = ("application", "cluster_arn", "region", "kafka_auth", "executor_cores", "executor_memory_gib")


def words(text: str) -> List[str]:
    """:raises ValueError: when the text is not an object of texts and numbers, or lacks one of STEP."""
    settings = json.loads(text)
    if not isinstance(settings, dict):
        raise ValueError("it must be a JSON object")
    for name, value in settings.items():
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise ValueError(f"{name} must be a text or a number, not {json.dumps(value)}")
    missing = [name for name in STEP if name not in settings]
    if missing:
        raise ValueError(f"{', '.join(missing)} must be set")
    step = [str(settings[name]) for name in STEP]
    job = {name: value for name, value in settings.items() if name not in STEP}
    return [*step, *(word for name, value in job.items() for word in (f"--{name.replace('_', '-')}", str(value)))]


def main(argv: List[str]) -> int:
    if len(argv) != 1:
        print(f"step: one argument is expected, JSON, not {len(argv)}", file=sys.stderr)
        return 2
    try:
        found = words(argv[0])
    except ValueError as error:
        print(f"step: wrong settings {argv[0]!r}: {error}", file=sys.stderr)
        return 2
    sys.stdout.write("".join(f"{word}\0" for word in found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
