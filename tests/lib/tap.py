"""TAP for the end-to-end suites: a case is a function, a failure is an exception.

    @case("an event without an id gets one")
    def _(shop):
        want(shop.track(...).status, 200)

    if __name__ == "__main__":
        main(make)          # make() yields what every case gets as its argument

`note()` prints a line that the report shows beside the suite (how many ids were compared …).
"""
import contextlib
import os
import sys
import traceback

CASES = []
ABSENT_DATA = "shared data absent"


class Skip(Exception):
    """Raised by a case that cannot run here; the text says why."""


def case(title):
    """Registers a function as a case."""
    def add(function):
        CASES.append((title, function))
        return function
    return add


def want(got, expected, why=""):
    """Fails unless both are equal."""
    if got != expected:
        raise AssertionError(f"{why + ': ' if why else ''}got {got!r}, wanted {expected!r}"[:2000])


def want_true(truth, why):
    """Fails with `why` unless `truth`."""
    if not truth:
        raise AssertionError(why)


def note(text):
    """A line for the report."""
    print(f"# note {text}", flush=True)


def data_path(relative):
    """A path in the shared data; skips the case when it is absent."""
    folder = os.environ.get("KITH_TEST_DATA", os.path.join(root(), "../shared/data"))
    path = os.path.join(folder, relative)
    if not os.path.exists(path):
        raise Skip(f"{ABSENT_DATA}: {relative}")
    return path


def root():
    """The project's folder."""
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def is_long():
    """Whether `./dev check --long` runs us."""
    return bool(os.environ.get("KITH_TEST_LONG"))


def run_case(number, title, function, subject):
    """Runs one case and prints its line; returns whether it failed."""
    try:
        function(subject)
    except Skip as reason:
        print(f"ok {number} {title} # SKIP {reason}", flush=True)
        return False
    except Exception as error:  # pylint: disable=broad-except
        for line in traceback.format_exc().splitlines()[-12:]:
            print(f"# {line}")
        print(f"not ok {number} {title}: {str(error)[:300]!r}", flush=True)
        return True
    print(f"ok {number} {title}", flush=True)
    return False


def main(make=contextlib.nullcontext, only=None):
    """Runs every case against one subject; exit status 1 if any failed."""
    failed = 0
    cases = [one for one in CASES if only is None or only in one[0]]
    print(f"1..{len(cases)}")
    with make() as subject:
        for number, (title, function) in enumerate(cases, 1):
            failed += run_case(number, title, function, subject)
    sys.exit(1 if failed else 0)
