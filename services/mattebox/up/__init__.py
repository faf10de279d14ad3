"""`mattebox up`: Triton, the segmenter and the gateway as children of one small process."""
