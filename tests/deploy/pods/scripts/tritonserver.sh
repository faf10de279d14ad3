#!/bin/sh
# The wheel's server in the place of the image's, with the libraries and backends that it needs, and
# the interpreter that belongs to them.
PATH=$STAND_IN_PYTHON:$PATH
LD_LIBRARY_PATH=$STAND_IN_LIBRARIES
MATTEBOX_SITE_PACKAGES=$STAND_IN_PACKAGES
CUDA_VISIBLE_DEVICES=
export PATH LD_LIBRARY_PATH MATTEBOX_SITE_PACKAGES CUDA_VISIBLE_DEVICES
exec "$STAND_IN_SERVER" --backend-directory=/opt/tritonserver/backends "$@"
