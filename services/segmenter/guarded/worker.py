"""The guarded child: takes tasks from its parent one by one until the channel closes.

Started as ``python -m segmenter.guarded.worker CHANNEL LIMITS``. It knows one socket, opens no
file and no connection, and holds nothing of the parent's memory.
"""

import gc
import json
import mmap
import os
import socket
import sys

import pillow_heif
from PIL import AvifImagePlugin

from segmenter.errors import InvalidImageError, SegmenterError
from segmenter.guarded.confinement import Confinement
from segmenter.guarded.pixels import store
from segmenter.guarded.wire import (
    MAX_PACKET_BYTES,
    READY,
    Reply,
    Task,
    refusal_of,
    reply_to_packet,
    task_from_packet,
)
from segmenter.imaging.decode import decode
from segmenter.imaging.header import read_header
from segmenter.imaging.limits import ImageLimits, install_pillow_limits


def main() -> None:
    """Serves tasks until the parent closes the channel or is gone."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    limits = ImageLimits(**json.loads(sys.argv[2]))
    install_pillow_limits(limits)
    _set_up_plugins()
    confinement = Confinement()
    _mute()
    channel.send(READY)
    while _serve_one(channel, confinement, limits):
        # What a decoder left in cycles goes now, while nobody waits.
        gc.collect()


def _set_up_plugins() -> None:
    """Makes HEIC and AVIF open here: the import registers AVIF, HEIC is asked for."""
    # Threads would make processor time and memory of a task unforeseeable, and parts of the file
    # that are never shown need no decoder.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    pillow_heif.register_heif_opener(
        decode_threads=1, thumbnails=False, depth_images=False, aux_images=False
    )


def _serve_one(channel: socket.socket, confinement: Confinement, limits: ImageLimits) -> bool:
    packet, descriptors, _, _ = socket.recv_fds(channel, MAX_PACKET_BYTES, 2)
    if not packet:
        return False
    task = task_from_packet(packet)
    confinement.admit(task.budget)
    reply = _reply(task, descriptors, limits)
    for descriptor in descriptors:
        os.close(descriptor)
    channel.send(reply_to_packet(reply))
    return True


def _mute() -> None:
    """Sends to nowhere what libraries print: it may quote the image."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stderr.fileno())
    os.close(nowhere)


def _reply(task: Task, descriptors: list[int], limits: ImageLimits) -> Reply:
    try:
        data = os.pread(descriptors[0], task.encoded_bytes, 0)
        if task.header is None:
            return read_header(data, limits)
        picture = decode(data, task.header, limits)
        return store(picture, mmap.mmap(descriptors[1], task.pixel_memory_bytes))
    except SegmenterError as error:
        return refusal_of(error)
    except (MemoryError, OSError) as error:
        refusal = InvalidImageError("The image takes too much memory to decode.")
        refusal.__cause__ = error
        return refusal_of(refusal)


if __name__ == "__main__":
    main()
