from prometheus_client import generate_latest

from telemetry.registry import new_registry


def test_a_new_registry_tells_of_the_process_and_its_python() -> None:
    text = generate_latest(new_registry()).decode()

    assert "process_resident_memory_bytes" in text
    assert "python_info" in text
    assert "python_gc_collections_total" in text


def test_registries_are_independent() -> None:
    assert new_registry() is not new_registry()
