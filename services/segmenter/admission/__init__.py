"""What may start now, what may wait, and what is refused at once, fairly among callers."""

from segmenter.admission.admission import Admission, AdmissionLimits

__all__ = ["Admission", "AdmissionLimits"]
