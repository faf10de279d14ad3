"""Decoding in a child process that may crash, hang or run out of memory at no one's expense."""
