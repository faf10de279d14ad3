from gateway.options.fields import Fields, NoText

FIELDS = Fields.from_pairs(
    [
        ("Format", " png "),
        ("empty", ""),
        ("blank", " \t"),
        ("FORMAT", "gif"),
        ("Other", "1"),
        ("", "nameless"),
        ("off", False),
        ("odd", NoText.VALUE),
    ]
)


def test_names_ignore_case_and_values_are_stripped() -> None:
    assert FIELDS.values("format") == ["png", "gif"]


def test_empty_fields_are_absent() -> None:
    assert FIELDS.values("empty") == FIELDS.values("blank") == FIELDS.values("") == []


def test_values_that_are_no_text_are_kept() -> None:
    assert FIELDS.values("off") == [False]
    assert FIELDS.values("odd") == [NoText.VALUE]


def test_the_last_value_is_the_last_that_is_not_empty() -> None:
    fields = Fields.from_pairs([("a", "1"), ("A", "2"), ("a", " ")])

    assert fields.last("a") == "2"
    assert fields.last("b") is None


def test_unknown_names_are_told_once_each_as_they_were_spelt() -> None:
    assert FIELDS.names_beyond({"format", "off"}) == ["Other", "odd"]
    assert FIELDS.names_beyond({}) == ["Format", "FORMAT", "Other", "off", "odd"]
    assert Fields().names_beyond({}) == []
