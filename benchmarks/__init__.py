"""Measurements of the service. Each prints a table and writes JSON to benchmarks/results/."""
