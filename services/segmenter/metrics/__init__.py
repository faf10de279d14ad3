"""Every metric of the segmenter, with its unit and meaning. Labels come from closed sets."""

from segmenter.metrics.all_together import Metrics
from segmenter.metrics.calls import CallMetrics
from segmenter.metrics.engine import EngineMetrics
from segmenter.metrics.pictures import PictureMetrics

__all__ = ["CallMetrics", "EngineMetrics", "Metrics", "PictureMetrics"]
