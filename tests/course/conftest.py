"""How well the labs' tests cells tell right answers from wrong ones, said after the run."""

from collections import Counter

CASES = Counter()


def pytest_runtest_logreport(report):
    if report.when == "call" and "test_grader.py::test_" in report.nodeid:
        for kind in ("wrong", "right"):
            if f"/{kind}_" in report.nodeid:
                CASES[kind, report.passed] += 1


def pytest_terminal_summary(terminalreporter):
    if CASES:
        caught, kept = CASES["wrong", True], CASES["right", True]
        wrong, right = caught + CASES["wrong", False], kept + CASES["right", False]
        terminalreporter.write_line(
            f"The grader: {caught}/{wrong} wrong answers lose points, {kept}/{right} right ones keep all."
        )
