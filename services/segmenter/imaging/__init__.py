"""Pixels: pure, synchronous steps that know no asyncio, no gRPC and no settings."""
