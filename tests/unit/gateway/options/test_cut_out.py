import pytest

from gateway.errors import InvalidFieldsError
from gateway.options import cut_out
from gateway.options.cut_out import CutOutOptions, OutputChannels, OutputFormat
from gateway.options.fields import Fields


def test_nothing_asked_for_is_an_rgba_png() -> None:
    options = cut_out.read_cut_out_options(Fields())

    assert options == CutOutOptions(OutputFormat.PNG, OutputChannels.RGBA)


def test_what_is_asked_for_is_read() -> None:
    fields = Fields.from_pairs([("format", "PNG"), ("channels", "alpha")])

    assert cut_out.read_cut_out_options(fields).channels is OutputChannels.ALPHA


def test_each_bad_option_is_told() -> None:
    fields = Fields.from_pairs([("format", "x"), ("channels", "y")])

    with pytest.raises(InvalidFieldsError) as caught:
        cut_out.read_cut_out_options(fields)

    assert set(caught.value.details["fields"]) == cut_out.NAMES


def test_every_format_has_a_spelling_and_a_content_type() -> None:
    assert set(cut_out.FORMATS.values()) == set(OutputFormat) == set(cut_out.CONTENT_TYPES)
    assert set(cut_out.CHANNELS.values()) == set(OutputChannels)
