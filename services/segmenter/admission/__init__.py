"""What may start now, what may wait, and what is refused at once, fairly among callers."""

from segmenter.admission.admission import Admission, AdmissionLimits
from segmenter.admission.held_bytes import Hold

__all__ = ["Admission", "AdmissionLimits", "Hold"]
