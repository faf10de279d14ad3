"""Anonymous memory that two processes share through a descriptor: no name, no disk, no /dev/shm."""

import fcntl
import mmap
import os
import weakref


class SharedMemory:
    """A block of zeroed memory of a fixed size.

    Its pages cost nothing before they are touched. The size is sealed, so that the other process
    cannot cut it off under a reader here. The descriptor closes when the last holder lets go, and
    not before: a thread that outlives a cancelled request never writes to a number in new use.
    """

    def __init__(self, size_bytes: int) -> None:
        self.size_bytes = size_bytes
        self.fd = os.memfd_create("mattebox", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        weakref.finalize(self, os.close, self.fd)
        os.ftruncate(self.fd, size_bytes)
        seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
        fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, seals)

    def write(self, data: bytes) -> None:
        """Writes bytes to the front; other threads run meanwhile."""
        os.pwrite(self.fd, data, 0)

    def mapped(self) -> mmap.mmap:
        """Maps the block for reading, until the last reference to the map goes."""
        return mmap.mmap(self.fd, self.size_bytes, access=mmap.ACCESS_READ)
