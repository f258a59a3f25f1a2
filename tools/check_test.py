#!/usr/bin/env python3
"""Tests tools/check.py: what is read from a suite's output, what is printed, and what a second run means."""
import contextlib
import io
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import check  # noqa: E402

WALK = """ok 1 - opens
not ok 2 - keeps
# locator.click: Timeout
# at: /people/7
ok 3 - closes
# a remark about nothing that failed
1..3
"""


def read(output, status=0):
    """The result of a TAP suite with this output."""
    result = check.Result("walk")
    check.judge(check.Suite("walk", []), result, status, output)
    return result


def printed(function, *arguments):
    """What it prints, as lines, and what it returns."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        returned = function(*arguments)
    return out.getvalue().splitlines(), returned


def failed(name):
    """A result with one failure and its reason."""
    return check.Result(name, passed=1, failures=["keeps"], reasons={"keeps": ["# too late"]})


def again(results, second):
    """Runs `results` again, each suite with what `second` gives for its name."""
    asked = []

    def run_one(row, _environment, _limit_s, suffix):
        asked.append(row.name + suffix)
        return second(row.name)

    rows = [check.Suite(result.name, []) for result in results]
    _, kept = printed(check.again_run, rows, results, {}, run_one)
    return kept, asked


def test_lines_below_a_failure_are_its_reason():
    """Lines below a case that passed are not."""
    result = read(WALK, 1)
    assert (result.passed, result.failures) == (2, ["keeps"])
    assert result.reasons == {"keeps": ["# locator.click: Timeout", "# at: /people/7"]}


def test_a_suite_that_breaks_off_says_its_last_lines():
    """Without a case there would be nothing to go by."""
    result = read("Traceback:\n\nboom\n", 1)
    assert result.failures == ["ended before its last case"]
    assert result.reasons[result.failures[0]] == ["# Traceback:", "# boom"]


def test_reasons_are_bounded():
    """One suite does not push the others off the screen, however much it says."""
    result = read("not ok 1 - a\n" + "# x\n" * 30 + "not ok 2 - b\n" + "# y\n" * 30 + "1..2\n", 1)
    lines, _ = printed(check.failures_print, "FAILED", result)
    assert len(lines) == 2 + check.REASON_LINES, len(lines)
    assert lines[0] == "FAILED walk: a" and lines[31] == "FAILED walk: b", lines


def test_what_passes_alone_is_unsteady():
    """It counts as passed, and its first failure is told before the last line."""
    results, asked = again([check.Result("steady", passed=2), failed("walk")],
                           lambda name: check.Result(name, passed=2))
    assert asked == ["walk-again"]
    lines, count = printed(check.report_end, results, 1.0)
    assert count == 0
    assert lines[-3:] == ["UNSTEADY walk: keeps", "    # too late", "4 passed, 0 failed"], lines


def test_what_fails_twice_is_broken():
    """The first failure stands, and is no unsteady one."""
    results, asked = again([failed("walk")], failed)
    assert asked == ["walk-again"]
    lines, count = printed(check.report_end, results, 1.0)
    assert count == 1
    assert lines[-3:] == ["FAILED walk: keeps", "    # too late", "1 passed, 1 failed"], lines


def test_many_broken_suites_are_not_run_again():
    """More than AGAIN_MAX: something is broken."""
    names = [f"walk {number}" for number in range(check.AGAIN_MAX + 1)]
    results, asked = again([failed(name) for name in names], check.Result)
    assert not asked and sum(len(result.failures) for result in results) == len(names)


def test_nothing_is_run_again_when_nothing_failed():
    """A green check is not made longer."""
    results, asked = again([check.Result("steady", passed=2)], failed)
    assert not asked and results[0].first is None


def main():
    """Runs the cases; speaks TAP."""
    cases = [(name, case) for name, case in globals().items() if name.startswith("test_")]
    bad = 0
    for number, (name, case) in enumerate(cases, 1):
        title = name[5:].replace("_", " ")
        try:
            case()
            print(f"ok {number} - {title}")
        except Exception as error:  # any of them is the case's failure
            bad += 1
            print(f"not ok {number} - {title}\n# {type(error).__name__}: {error}")
    print(f"1..{len(cases)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
