"""gRPC in, pixels, engine, pixels, gRPC out."""
