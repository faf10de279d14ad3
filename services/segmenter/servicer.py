"""The gRPC end: convert, call, convert."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any, cast

import grpc

from mattebox.segmenter import v1
from mattebox.segmenter.v1.segmenter_pb2_grpc import SegmenterServiceServicer
from segmenter.call_record import call_record
from segmenter.chunked import chunks, go_ahead, read_head, read_pictures
from segmenter.converters import (
    code_name,
    cut_out_head_to_proto,
    cut_out_to_proto,
    error_to_status,
    model_to_proto,
    timeout_from_proto,
)
from segmenter.cut_out import CutOut
from segmenter.deadline import Deadline
from segmenter.errors import InvalidOptionError, SegmenterError, is_ours, reason_name
from segmenter.job import Job
from segmenter.option_converters import options_from_proto
from segmenter.options import CutOutOptions
from segmenter.pipeline import Pipeline
from segmenter.served_models import ServedModels
from segmenter.sources import Sources
from segmenter.streaming import ItemStream
from telemetry.caller import METADATA_KEY, well_formed_caller
from telemetry.tracing import step

_LONGEST_ITEM_ID = 128

Context = grpc.aio.ServicerContext[Any, Any]


class SegmenterServicer(SegmenterServiceServicer):
    """Serves `mattebox.segmenter.v1.SegmenterService`."""

    def __init__(
        self,
        pipeline: Pipeline,
        models: ServedModels,
        *,
        default_deadline_s: float,
        max_unanswered_items: int,
    ) -> None:
        self._pipeline = pipeline
        self._models = models
        self._default_deadline_s = default_deadline_s
        self._max_unanswered_items = max_unanswered_items

    async def RemoveBackground(  # noqa: N802 - the contract's name
        self, request: v1.RemoveBackgroundRequest, context: Context
    ) -> v1.RemoveBackgroundResponse:
        """See the contract."""
        notes = call_record.get().picture()
        job = Job(caller_of(context), self._deadline(context), notes=notes)
        cut_out = await self._cut_out(request, job)
        return v1.RemoveBackgroundResponse(cut_out=cut_out_to_proto(cut_out))

    async def StreamRemoveBackground(  # noqa: N802 - the contract's name
        self, request_iterator: AsyncIterator[v1.StreamRemoveBackgroundRequest], context: Context
    ) -> AsyncGenerator[v1.StreamRemoveBackgroundResponse, None]:
        """See the contract."""
        unanswered: set[str] = set()

        async def admitted() -> AsyncIterator[v1.StreamRemoveBackgroundRequest]:
            async for item in request_iterator:
                _check_item_id(item.item_id, unanswered)
                unanswered.add(item.item_id)
                yield item

        async def answer(
            item: v1.StreamRemoveBackgroundRequest,
        ) -> v1.StreamRemoveBackgroundResponse:
            deadline = min(self._deadline(context), Deadline.after(self._default_deadline_s))
            return await self._answer_item(item, caller_of(context), deadline)

        stream = ItemStream(answer, self._max_unanswered_items)
        async with aclosing(stream.answers(admitted())) as responses:
            async for response in responses:
                unanswered.discard(response.item_id)
                yield response

    async def RemoveBackgroundChunked(  # noqa: N802 - the contract's name
        self, request_iterator: AsyncIterator[v1.RemoveBackgroundChunkedRequest], context: Context
    ) -> AsyncGenerator[v1.RemoveBackgroundChunkedResponse, None]:
        """See the contract."""
        pieces, notes = aiter(request_iterator), call_record.get().picture()
        async with asyncio.timeout(self._deadline(context).remaining_s):
            head = await read_head(pieces)
        caller, deadline = caller_of(context), self._deadline(context, head)
        options = options_from_proto(head.options, brings_picture=bool(head.background_bytes))
        with self._pipeline.hold(caller, head.image_bytes, head.background_bytes) as held:
            yield go_ahead()
            async with asyncio.timeout(deadline.remaining_s):
                with step("receive"):
                    sources = Sources(*await read_pictures(pieces, head))
            cut_out = await self._made(sources, options, Job(caller, deadline, notes=notes))
            del sources
            held.resize(len(cut_out.image))
            yield v1.RemoveBackgroundChunkedResponse(head=cut_out_head_to_proto(cut_out))
            for chunk in chunks(cut_out.image):
                yield chunk

    async def CheckAdmission(  # noqa: N802 - the contract's name
        self, request: v1.CheckAdmissionRequest, context: Context
    ) -> v1.CheckAdmissionResponse:
        """See the contract."""
        self._pipeline.check(caller_of(context), request.image_bytes)
        return v1.CheckAdmissionResponse()

    async def ListModels(  # noqa: N802 - the contract's name
        self,
        request: v1.ListModelsRequest,  # noqa: ARG002 - it is empty
        context: Context,  # noqa: ARG002 - the servicer's signature
    ) -> v1.ListModelsResponse:
        """See the contract."""
        return v1.ListModelsResponse(
            models=[
                model_to_proto(spec, is_default=spec.name == self._models.default)
                for spec in self._models.specs()
            ]
        )

    def _deadline(self, context: Context, head: v1.ImageHead | None = None) -> Deadline:
        """Takes the earlier of the call's deadline and the head's; without either, the default."""
        remaining_s = cast("float | None", context.time_remaining())  # its stub forgets None
        given_s = [] if remaining_s is None else [remaining_s]
        if head is not None and head.HasField("timeout"):
            given_s.append(timeout_from_proto(head.timeout))
        return Deadline.after(min(given_s, default=self._default_deadline_s))

    async def _answer_item(
        self, item: v1.StreamRemoveBackgroundRequest, caller: str, deadline: Deadline
    ) -> v1.StreamRemoveBackgroundResponse:
        record = call_record.get().item()
        call_record.set(record)  # in the item's own task
        with step("item") as span:
            try:
                cut_out = await self._cut_out(item, Job(caller, deadline, notes=record.picture()))
                answer = cut_out_to_proto(cut_out)
            except asyncio.CancelledError as error:
                record.finish("CANCELLED", error)
                raise
            except Exception as error:  # an item fails alone, whatever it is
                if not isinstance(error, SegmenterError):
                    record.log.exception("item_failed")
                span.fail(reason_name(error), ours=is_ours(error))
                status = error_to_status(error)
                record.finish(code_name(status), error, status.message)
                return v1.StreamRemoveBackgroundResponse(item_id=item.item_id, error=status)
        record.finish("OK")
        return v1.StreamRemoveBackgroundResponse(item_id=item.item_id, cut_out=answer)

    async def _cut_out(
        self, request: v1.RemoveBackgroundRequest | v1.StreamRemoveBackgroundRequest, job: Job
    ) -> CutOut:
        sources = Sources(request.image, request.background_image)
        options = options_from_proto(request.options, brings_picture=bool(sources.background))
        with self._pipeline.hold(job.caller, len(sources.image), len(sources.background)):
            return await self._made(sources, options, job)

    async def _made(self, sources: Sources, options: CutOutOptions, job: Job) -> CutOut:
        """Makes a cut-out of what is held, and records it."""
        record = call_record.get()
        record.picture(len(sources.image) + len(sources.background))
        try:
            cut_out = await self._pipeline.cut_out(sources, options, job)
        finally:
            record.took(job.clock.finish())
        record.made(cut_out)
        return cut_out


def caller_of(context: Context) -> str:
    """Tells callers apart: by the name that a call brings, or else by the address it comes from."""
    offered = dict(context.invocation_metadata() or {}).get(METADATA_KEY)
    named = well_formed_caller(offered if isinstance(offered, str) else None)
    # Without the port, which differs between connections of one machine.
    return named or context.peer().rpartition(":")[0]


def _check_item_id(item_id: str, unanswered: set[str]) -> None:
    if not 1 <= len(item_id) <= _LONGEST_ITEM_ID:
        raise InvalidOptionError(
            f"`item_id` must have 1 to {_LONGEST_ITEM_ID} characters.", field="item_id"
        )
    if item_id in unanswered:
        raise InvalidOptionError(
            "An item of the same `item_id` is still waiting for its answer.", field="item_id"
        )
