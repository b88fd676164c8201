"""`python -m numerics.certificate FILE`"""

from __future__ import annotations

import sys

from numerics.certificate.check import check_file
from numerics.errors import InputError


def main(arguments: list[str]) -> int:
    """`python -m numerics.certificate FILE`."""
    if len(arguments) != 1:
        print("usage: python -m numerics.certificate FILE", file=sys.stderr)
        return 2
    try:
        found = check_file(arguments[0])
    except InputError as error:
        print(f"certificate: {error}", file=sys.stderr)
        return 2
    if not found.holds:
        print(found.reason)
        return 1
    brackets = f", {found.brackets} bracket(s) of T_2" if found.brackets else ""
    print(f"The certificate holds up to t = {float(found.reached):.9g}, radius {found.radius:.3g}{brackets}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
