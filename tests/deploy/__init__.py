"""What holds the files of `deploy/`: rendered, judged and run, without a cluster."""
