"""The gRPC contract of the segmenter."""
