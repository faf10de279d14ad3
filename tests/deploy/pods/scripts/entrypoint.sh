#!/bin/sh
# The entrypoints of NVIDIA's and Valkey's images end with this, for a process that is not root.
exec "$@"
