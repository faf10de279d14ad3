from gateway.options.fields import Fields

FIELDS = Fields.from_pairs(
    [("Format", " png "), ("empty", ""), ("blank", " \t"), ("FORMAT", "gif"), ("Other", "1")]
)


def test_names_ignore_case_and_values_are_stripped() -> None:
    assert FIELDS.values("format") == ["png", "gif"]


def test_empty_fields_are_absent() -> None:
    assert FIELDS.values("empty") == FIELDS.values("blank") == []


def test_unknown_names_are_told_once_each_as_they_were_spelt() -> None:
    assert FIELDS.names_beyond({"format"}) == ["Other"]
    assert FIELDS.names_beyond({}) == ["Format", "FORMAT", "Other"]
    assert Fields().names_beyond({}) == []
