"""All tables, one after the other, each measured in a process of its own.

    python -m benchmarks [flow width hessian sweep derivation precision]

Without names all of them; that takes some minutes. For the options of one: `python -m benchmarks.flow --help`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

TABLES = ("flow", "width", "hessian", "sweep", "derivation", "precision")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Print the tables of measurements."
    )
    parser.add_argument(
        "tables", nargs="*", metavar="TABLE", help=f"of {', '.join(TABLES)}; all without names"
    )
    chosen = parser.parse_args().tables or TABLES
    unknown = [name for name in chosen if name not in TABLES]
    if unknown:
        parser.error(f"there is no table {unknown[0]!r}; there are {', '.join(TABLES)}")
    status = 0
    for name in chosen:
        print(f"\n=== {name} ===", flush=True)
        status = max(
            status, subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
        )
    return status


if __name__ == "__main__":
    sys.exit(main())
