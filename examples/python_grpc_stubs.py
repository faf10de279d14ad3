"""Cuts the subject out of one photo with nothing but the stubs of the gRPC contract.

Other languages do the same with stubs made of `proto/`.

To run it:

    pip install .
    MATTEBOX_GRPC=127.0.0.1:50051 python examples/python_grpc_stubs.py photo.jpg cut-out.webp
"""

import os
import sys
from pathlib import Path
from typing import cast

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from mattebox.segmenter import v1
from mattebox.segmenter.v1.segmenter_pb2_grpc import SegmenterServiceStub

request = v1.RemoveBackgroundRequest(
    image=Path(sys.argv[1]).read_bytes(),
    options=v1.CutOutOptions(format=v1.OutputFormat.OUTPUT_FORMAT_WEBP, crop=True),
)
# Answers may be larger than the 4 MiB that gRPC takes by default.
options = [("grpc.max_receive_message_length", 256 * 2**20)]
with grpc.insecure_channel(os.environ.get("MATTEBOX_GRPC", "127.0.0.1:50051"), options) as channel:
    try:
        answer = SegmenterServiceStub(channel).RemoveBackground(request, timeout=60)
    except grpc.RpcError as failure:
        info = error_details_pb2.ErrorInfo()
        status = rpc_status.from_call(cast("grpc.Call", failure))  # each is the failed call, too
        for detail in status.details if status is not None else ():
            detail.Unpack(info)
        # The reason is for programs, the details are for people.
        sys.exit(f"{failure.details()} ({failure.code().name}, {info.reason or 'no reason'})")
Path(sys.argv[2]).write_bytes(answer.cut_out.image)
print(f"{sys.argv[2]}: {answer.cut_out.width_px} x {answer.cut_out.height_px} pixels")
