"""The story of one request, from encoded image to encoded cut-out."""

from contextlib import AbstractContextManager

from bounds import Share
from segmenter.admission import Admission
from segmenter.cpu_pool import CpuPool
from segmenter.cut_out import CutOut
from segmenter.decoder import Decoder
from segmenter.encoder import Encoder
from segmenter.finishing import Finisher
from segmenter.imaging.encode import check_sides
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.model_input import View, view
from segmenter.imaging.picture import Picture
from segmenter.imaging.region import region_box
from segmenter.inference.engine import ModelSpec
from segmenter.job import Job, Place
from segmenter.options import CutOutOptions, InputAlpha
from segmenter.sight import Sight
from segmenter.sizing import Sizes
from segmenter.sources import SourceReader, Sources
from segmenter.timings import Stage
from telemetry.tracing import Name, current


class Pipeline:
    """Cuts subjects out. Pixel code runs on the pool's threads, never on the event loop."""

    def __init__(
        self,
        decoder: Decoder,
        admission: Admission,
        sight: Sight,
        pool: CpuPool,
        limits: ImageLimits,
    ) -> None:
        self._reader = SourceReader(decoder, pool, limits)
        self._admission = admission
        self._sight = sight
        self._pool = pool
        self._finisher = Finisher(pool, limits)
        self._encoder = Encoder(pool)

    def check(self, caller: str, image_bytes: int, background_bytes: int = 0) -> None:
        """Tells whether pictures of so many bytes would be taken in now.

        Raises:
            TooManyBytesError: there are more than accepted.
            OverloadedError: there is too much to do.
        """
        self._reader.check_bytes(image_bytes, background_bytes)
        self._admission.check(caller, image_bytes + background_bytes)

    def hold(
        self, caller: str, image_bytes: int, background_bytes: int = 0
    ) -> AbstractContextManager[Share]:
        """Takes in pictures of so many bytes, come or announced, for the context.

        Raises:
            SegmenterError: as `check` does.
        """
        self.check(caller, image_bytes, background_bytes)
        return self._admission.hold(caller, image_bytes + background_bytes)

    async def cut_out(self, sources: Sources, options: CutOutOptions, job: Job) -> CutOut:
        """Removes the background of one encoded image, whose bytes are held.

        Raises:
            SegmenterError: any of its kinds; nothing else is foreseen.
        """
        batcher, notes = self._sight.batcher(options.model), job.notes
        notes.model = batcher.spec.name
        current().tell({Name.MODEL: batcher.spec.name})
        sizes = await self._reader.sizes(sources, options, job)
        current().tell({Name.MEGAPIXELS: sizes.header.pixels / 1e6})
        cost_px = max(sizes.cost_px(), self._sight.cost_px(batcher.spec))
        notes.place = Place.WAITING
        async with self._admission.admit(job.caller, cost_px, job.deadline) as waited_s:
            notes.at_work()
            job.clock.add(Stage.QUEUE, waited_s)
            picture = await self._reader.image(sources, sizes, batcher.spec, job)
            input_size = picture.upright_size
            notes.input_width_px, notes.input_height_px = input_size
            is_input = picture.alpha is not None and options.input_alpha is InputAlpha.RETURN
            if is_input:
                shown = await self._finisher.image_itself(picture, sources.image, sizes, job)
            else:
                behind = await self._behind(picture, sources, sizes, job)
                whole = await self._view(picture, batcher.spec, job)
                picture = await self._finisher.fitted(picture, sizes.max_pixels, job)
                answers = await self._sight.answers(whole, picture, batcher, job)
                shown = await self._finisher.shown(answers, picture, behind, sizes, job)
            facts = await self._finisher.facts(shown.matte, picture, options)
            job.deadline.check()
            encoded = shown.file or await self._encoder.encode(shown.rows, shown.format, job.clock)
        return CutOut(
            image=encoded,
            format=shown.format,
            width_px=shown.rows.width_px,
            height_px=shown.rows.height_px,
            foreground_found=facts.foreground_found,
            model=batcher.spec.name,
            timings=job.clock.finish(),
            input_width_px=input_size[0],
            input_height_px=input_size[1],
            subject=facts.subject,
            uncertainty=facts.uncertainty,
            is_input=is_input,
        )

    async def _behind(
        self, picture: Picture, sources: Sources, sizes: Sizes, job: Job
    ) -> Picture | None:
        """Gives the picture behind the subject; judges what is known only now of the sizes."""
        options = sizes.options
        if options.region is not None:
            region_box(options.region, *picture.upright_size)
        behind = await self._reader.background(sources, sizes, job)
        canvas = sizes.canvas(*behind.upright_size) if behind else None
        # Once more, since some formats tell their true size only now.
        check_sides(options.answer_format, *(canvas or picture.fitted_size(sizes.max_pixels)))
        return behind

    async def _view(self, picture: Picture, spec: ModelSpec, job: Job) -> View:
        job.deadline.check()
        with job.clock.measure(Stage.MODEL_INPUT):
            return await self._pool.run(view, picture, spec.input_height_px, spec.input_width_px)
