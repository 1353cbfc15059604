"""What scripts/bench.sh measures and how it is told, one module for each part. compare.py is the entry point.

Nothing here needs more than Python's standard library. counts.py is used by tests/integration/budget_test.py too.
"""
