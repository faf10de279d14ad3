"""Targets for coverage-guided fuzzing: `python -m tests.fuzz TARGET`, or `make fuzz`."""
