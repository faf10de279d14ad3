"""The dialects that callers speak, a module each."""
