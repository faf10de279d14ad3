"""Clients of a segmenter over gRPC: for callers inside of its network, who need no gateway."""

from mattebox.client.grpc.async_segmenter import AsyncSegmenter
from mattebox.client.grpc.segmenter import Segmenter

__all__ = ["AsyncSegmenter", "Segmenter"]
