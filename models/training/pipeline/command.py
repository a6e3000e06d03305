"""How every step of the pipeline ends: `--json`, exit codes (product-wide), one message instead of a traceback."""

import argparse
import json
import sys
from collections.abc import Callable

from .errors import Diverged, InputError, RequestError

EXIT_OTHER, EXIT_REQUEST, EXIT_INPUT, EXIT_SYSTEM = 1, 2, 3, 4


def run(main: Callable[[list[str]], dict]) -> None:
    """Runs a step with the process's arguments; prints its JSON object last when `--json` was given."""
    arguments = [a for a in sys.argv[1:] if a != "--json"]
    try:
        result = main(arguments)
    except RequestError as error:
        _end(EXIT_REQUEST, error)
    except InputError as error:
        _end(EXIT_INPUT, error)
    except (OSError, MemoryError) as error:
        _end(EXIT_SYSTEM, error)
    except Diverged as error:
        _end(EXIT_OTHER, error)
    except KeyboardInterrupt:
        sys.exit(130)
    else:
        if "--json" in sys.argv[1:]:
            print(json.dumps(result))


def at_least(lowest: int) -> Callable[[str], int]:
    """An argument's type: a whole number, `lowest` or more."""

    def whole_number(text: str) -> int:
        if int(text) < lowest:
            raise argparse.ArgumentTypeError(f"must be at least {lowest}")
        return int(text)

    return whole_number


def _end(code: int, error: BaseException) -> None:
    print(f"error: {error}", file=sys.stderr)
    sys.exit(code)
