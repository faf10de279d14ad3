import threading

import pytest

from gateway.bodies.off_loop import INLINE_BYTES, off_loop


@pytest.mark.parametrize(("surplus_bytes", "in_thread"), [(0, False), (1, True)])
async def test_work_on_many_bytes_is_done_in_a_thread(surplus_bytes: int, in_thread: bool) -> None:
    thread = await off_loop(INLINE_BYTES + surplus_bytes, threading.current_thread)

    assert (thread is not threading.current_thread()) is in_thread


@pytest.mark.parametrize("size_bytes", [0, INLINE_BYTES + 1])
async def test_results_and_errors_come_back(size_bytes: int) -> None:
    assert await off_loop(size_bytes, divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await off_loop(size_bytes, divmod, 7, 0)
