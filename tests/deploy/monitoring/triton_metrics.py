"""What Triton serves on its port of metrics, as far as it is used here.

Those of models are held against the real Triton by tests/e2e/test_monitoring.py. Those of GPUs
stand in its documentation ("Metrics" in the user guide): a Triton without a GPU has none.
"""

_MODEL = frozenset({"model", "version"})
_GPU = frozenset({"gpu_uuid"})

OF_MODELS = {
    "nv_inference_request_success": _MODEL,
    "nv_inference_request_failure": _MODEL | {"reason"},
    "nv_inference_count": _MODEL,
    "nv_inference_exec_count": _MODEL,
    "nv_inference_pending_request_count": _MODEL,
    "nv_inference_queue_duration_us": _MODEL,
    "nv_inference_compute_input_duration_us": _MODEL,
    "nv_inference_compute_infer_duration_us": _MODEL,
    "nv_inference_compute_output_duration_us": _MODEL,
}
OF_GPUS = {
    "nv_gpu_utilization": _GPU,
    "nv_gpu_memory_used_bytes": _GPU,
    "nv_gpu_memory_total_bytes": _GPU,
}
FAILURES = ("REJECTED", "CANCELED", "BACKEND", "OTHER")
