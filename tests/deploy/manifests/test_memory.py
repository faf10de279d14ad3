"""What the settings let a service take fits into the memory that its pod may have.

The sums are those of docs/operations.md, and what they leave out because it is another setting.
"""

from collections.abc import Callable

from gateway.settings import MIB
from tests.deploy.manifests.environments import gateway_settings, segmenter_settings
from tests.deploy.manifests.quantities import in_bytes, in_cores
from tests.deploy.manifests.rendering import ROOT, Object, container, named, parsed, pod_spec

_GATEWAY_BYTES = 200_000_000
_SEGMENTER_BYTES = 250_000_000
_BYTES_PER_MEGAPIXEL = 10_000_000
_TRITON_BYTES = 150_000_000
_BYTES_PER_PICTURE = 110_000_000
_LARGEST_BATCH = 8
_FRAGMENTATION = 1.3
"""What a Valkey may take of the system for each byte that it counts."""


def test_the_gateways_settings_fit(every: list[Object]) -> None:
    settings = gateway_settings(every)
    needed_bytes = _GATEWAY_BYTES + settings.admission.budget_bytes
    if settings.dialects.results_url.get_secret_value() == "memory://":
        needed_bytes += settings.dialects.results_mb * MIB

    assert needed_bytes <= _memory(every, "gateway")


def test_the_segmenters_settings_fit(every: list[Object]) -> None:
    settings = segmenter_settings(every)
    # A picture larger than the whole budget runs alone.
    megapixels = max(settings.admission.budget_mp, settings.image.max_pixels / 1_000_000)
    needed_bytes = (
        _SEGMENTER_BYTES + megapixels * _BYTES_PER_MEGAPIXEL + settings.admission.max_held_bytes
    )

    assert needed_bytes <= _memory(every, "segmenter")


def test_the_segmenter_has_as_many_threads_as_it_asks_for_cores(every: list[Object]) -> None:
    settings = segmenter_settings(every)
    segmenter = container(named(every, "Deployment", "mattebox-segmenter"), "segmenter")
    cores = in_cores(segmenter["resources"]["requests"]["cpu"])

    assert settings.cpu.threads == cores
    assert settings.admission.budget_mp == 12 * (cores + 1)
    assert settings.admission.max_waiting_mp == 480 * (cores + 1)


def test_triton_has_room_for_its_largest_batch(every: list[Object]) -> None:
    deployment = named(every, "Deployment", "mattebox-triton")
    needed_bytes = _TRITON_BYTES + _LARGEST_BATCH * _BYTES_PER_PICTURE + _in_memory(deployment)

    assert needed_bytes <= _memory(every, "triton")


def test_triton_computes_on_as_many_cores_as_it_asks_for(every: list[Object]) -> None:
    triton = container(named(every, "Deployment", "mattebox-triton"), "triton")
    cores = in_cores(triton["resources"]["requests"]["cpu"])
    threads = [one.partition("=")[2] for one in triton["args"] if "intra_op" in one]
    has_gpu = "nvidia.com/gpu" in triton["resources"]["limits"]

    assert threads == ([] if has_gpu else [f"onnxruntime,intra_op_thread_count={cores:g}"])


def test_valkey_has_room_for_all_results(component_text: Callable[[str], str]) -> None:
    objects = parsed(component_text("valkey"))
    args = container(named(objects, "Deployment", "mattebox-valkey"), "valkey")["args"]
    most_bytes = int(args[args.index("--maxmemory") + 1].removesuffix("mb")) * MIB

    assert gateway_settings(objects).dialects.results_mb * MIB < most_bytes
    assert most_bytes * _FRAGMENTATION <= _memory(objects, "valkey")


def test_the_sums_are_those_of_the_documentation() -> None:
    text = " ".join((ROOT / "docs" / "operations.md").read_text().split())

    assert "Count 0.2 GB for a gateway, 0.25 GB and 10 MB for each megapixel" in text
    assert "0.15 GB and 0.11 GB for each picture" in text


def _memory(objects: list[Object], name: str) -> int:
    one = container(named(objects, "Deployment", f"mattebox-{name}"), name)
    return in_bytes(one["resources"]["limits"]["memory"])


def _in_memory(workload: Object) -> int:
    volumes = pod_spec(workload)["volumes"]
    return sum(
        in_bytes(volume["emptyDir"]["sizeLimit"])
        for volume in volumes
        if volume.get("emptyDir", {}).get("medium") == "Memory"
    )
