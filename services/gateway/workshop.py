"""What dialects are made of, so that each says no more than its own rules."""

from dataclasses import dataclass

from aiohttp import web

from gateway.accounts.caller import Caller
from gateway.admission import ByteBudget
from gateway.bodies.reader import BodyReader
from gateway.bodies.vocabulary import V2, Vocabulary
from gateway.cut_out import RemoveBackground
from gateway.cut_outs import CutOuts
from gateway.fetch.client import ImageFetcher
from gateway.gate import Gate
from gateway.intake import Intake
from gateway.results import Results
from gateway.settings import MIB, DialectsSettings, UploadSettings

_FORM_BYTES = 16 * 1024

_TEXT_SHARE = 1.5
"""Text bodies may be so much larger than the picture in them, which base64 makes a third larger."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """Makes the parts of dialects."""

    settings: DialectsSettings
    upload: UploadSettings
    gate: Gate
    fetcher: ImageFetcher
    budget: ByteBudget
    remove_background: RemoveBackground
    results: Results

    def cut_outs(
        self,
        vocabulary: Vocabulary,
        key_header: str,
        largest_mb: int | None = None,
        fallback_key: str | None = None,
    ) -> CutOuts:
        """Makes the way from a request to its picture.

        Keys are looked for in ``key_header`` before the headers of /v2, and ``fallback_key`` stands
        in where there is none. The largest image is the server's, or ``largest_mb`` if less.
        """
        bodies = BodyReader(self._limits(largest_mb), vocabulary)
        return self._cut_outs(bodies, None, key_header, fallback_key)

    def native_cut_outs(self, strangers: ByteBudget | None) -> CutOuts:
        """Makes that of /v2. See `Intake` for what ``strangers`` are."""
        return self._cut_outs(BodyReader(self.upload, V2), strangers)

    def forms(self, vocabulary: Vocabulary) -> BodyReader:
        """Makes the reader of forms without pictures, small enough to be read of anybody."""
        limits = {"image_bytes": _FORM_BYTES, "text_bytes": _FORM_BYTES, "slack_bytes": 1}
        return BodyReader(self.upload.model_copy(update=limits), vocabulary)

    async def admit(self, request: web.Request, key_header: str) -> Caller:
        """Lets the caller of a request in that brings no body.

        Raises:
            ApiError: whatever is wrong with key or rate.
        """
        return await self.gate.admit(request, self.gate.key_in(request, key_header))

    def _cut_outs(
        self,
        bodies: BodyReader,
        strangers: ByteBudget | None,
        key_header: str | None = None,
        fallback_key: str | None = None,
    ) -> CutOuts:
        intake = Intake(
            self.gate,
            bodies,
            self.fetcher,
            self.budget,
            strangers,
            key_header=key_header,
            fallback_key=fallback_key,
        )
        return CutOuts(intake, self.remove_background)

    def _limits(self, largest_mb: int | None) -> UploadSettings:
        """The server's limits, or the lower ones of a dialect."""
        image_bytes = self.upload.image_bytes
        if largest_mb is not None:
            image_bytes = min(image_bytes, largest_mb * MIB)
        text_bytes = min(self.upload.text_bytes, round(_TEXT_SHARE * image_bytes))
        return self.upload.model_copy(update={"image_bytes": image_bytes, "text_bytes": text_bytes})
