"""Keeps finished pictures for a while, until they are fetched: in memory, or a Valkey or Redis."""

from gateway.results.opening import ResultsUrlError, open_results
from gateway.results.store import Result, Results

__all__ = ["Result", "Results", "ResultsUrlError", "open_results"]
