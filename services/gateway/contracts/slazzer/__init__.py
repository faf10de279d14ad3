"""Slazzer's dialect."""
