"""What an expression of PromQL refers to: metrics and labels. Knows only what is used here."""

import re
from dataclasses import dataclass, field

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_SELECTOR = re.compile(rf"({_NAME})\s*\{{([^{{}}]*)\}}")
_MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
_CLAUSE = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_BARE = re.compile(rf"(?<![\w:.])({_NAME})(?![\w:]|\s*\()")
_WORDS = {"and", "or", "unless", "bool", "offset"}
_PLAIN = re.compile(r"[\w/.{}-]+")


@dataclass(frozen=True, slots=True)
class References:
    """The metrics of an expression."""

    metrics: frozenset[str]
    matched: frozenset[tuple[str, str, str]]
    """Metric, label and value, a value for each alternative; those with wildcards have none."""
    grouped: frozenset[str] = field(default=frozenset())
    """Labels that sums and joins go by, of whatever metric."""


def references(expression: str) -> References:
    """Reads an expression."""
    matched = {
        (name, label, value)
        for name, matchers in _SELECTOR.findall(expression)
        for label, _, pattern in _MATCHER.findall(matchers)
        for value in _values(pattern)
    }
    rest = re.sub(r"\{[^{}]*\}|\[[^\]]*\]", "", expression)
    clauses = _CLAUSE.findall(rest)
    bare = set(_BARE.findall(_CLAUSE.sub("", rest))) - _WORDS
    grouped = {label.strip() for clause in clauses for label in clause.split(",")} - {""}
    return References(frozenset(bare), frozenset(matched), frozenset(grouped))


def _values(pattern: str) -> list[str]:
    """The alternatives of a pattern; an empty text stands for one that is no plain word."""
    return [value if _PLAIN.fullmatch(value) else "" for value in pattern.split("|")]
