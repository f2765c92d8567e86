"""MiniStack with what the rehearsal adds:  python -m emulator"""

from __future__ import annotations

import sys

from emulator import internals


def main() -> int:
    """Checks MiniStack before the modules that reach into it are loaded, and becomes it. Returns the exit status."""
    problems = internals.problems()
    for problem in problems:
        print(f"emulator: {problem}", file=sys.stderr)
    if problems:
        return 1
    from emulator import program  # noqa: PLC0415

    program.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
