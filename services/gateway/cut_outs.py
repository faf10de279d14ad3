"""From a request to its finished picture, the same way for all dialects."""

from aiohttp import web

from gateway.cut_out import CutOut, Origin, RemoveBackground
from gateway.errors import MultipleBackgroundsError
from gateway.intake import Intake, Received
from gateway.options.cut_out import CutOutOptions
from gateway.pictures import Slot, about
from gateway.request_state import (
    HELD,
    PICTURE,
    REQUEST_ID,
    SERVED_PIXELS,
    PictureFacts,
    Stage,
    measured,
    note_stages,
)


class CutOuts:
    """Takes requests in, and makes the pictures that they ask for."""

    def __init__(self, intake: Intake, remove_background: RemoveBackground) -> None:
        self._intake = intake
        self._remove_background = remove_background

    async def receive(self, request: web.Request) -> Received:
        """Lets the caller in and reads the body; no picture is decoded or fetched yet.

        Raises:
            ApiError: whatever is wrong with key, rate, head or body.
        """
        return await self._intake.receive(request)

    async def make(
        self, request: web.Request, received: Received, options: CutOutOptions
    ) -> CutOut:
        """Makes the cut-out of what was received, and books what it costs.

        It ends with the request, if its answer has not been delivered before.

        Raises:
            ApiError: there is no image, more than one background, a picture cannot be had, or
                whatever the segmenter failed with. Where the picture behind the subject is to
                blame, ``details`` say so.
        """
        if options.background is not None and received.submission.has(Slot.BACKGROUND):
            with about(Slot.BACKGROUND):
                raise MultipleBackgroundsError
        # Taken out again where they are handed over: nothing here holds what was sent.
        pictures = [await self._intake.image(received), await self._intake.background(received)]
        with measured(request, Stage.SEGMENTER):
            made = await self._remove_background(
                pictures.pop(0),
                options,
                Origin(request[REQUEST_ID], received.caller.fingerprint),
                on_sent=received.let_go,
                background=pictures.pop(),
            )
        request[HELD].callback(made.close)
        request[PICTURE] = PictureFacts(
            made.input_width_px,
            made.input_height_px,
            made.width_px,
            made.height_px,
            made.output_format.value,
        )
        note_stages(request, made.stages_s)
        await self._intake.settle(received, made)
        request[SERVED_PIXELS] = made.width_px * made.height_px
        return made
