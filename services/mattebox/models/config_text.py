"""Writes the ``config.pbtxt`` of a model that was built. Knows no files."""

import json
from collections.abc import Mapping
from string import Template

from mattebox.models.card import Card
from mattebox.models.config import Built
from segmenter.inference import known_answer, model_config

_HEAD = Template("""\
# How Triton serves $name. Written by `mattebox models install $name`, which also builds the graph
# itself, 1/model.onnx. It may be changed: it is written anew only for another published file, or
# where it is missing.

name: "$name"
# NVIDIA's container serves this with its native backend, the wheel's Triton with Mattebox' own
# backend of the same name.
backend: "onnxruntime"

# $batch_comment
max_batch_size: $max_batch_size

# The one tensor contract of all models. The batch dimension is not listed.
input [
  {
    name: "image"
    data_type: TYPE_UINT8
    dims: [ $height_px, $width_px, 3 ]
  }
]
output [
  {
    name: "alpha"
    data_type: TYPE_FP32
    dims: [ $height_px, $width_px ]
  }
]

# $kind_comment Without this block Triton starts an instance for every core.
instance_group [
  {
    count: 1
    kind: $kind
  }
]

dynamic_batching {
  # The segmenter batches: it alone knows the deadlines. What several of them send at the same time
  # is merged here all the same, but nothing is held back for company.
  max_queue_delay_microseconds: 0

  # What waits too long or in too long a queue is refused, so that the segmenter can say so while
  # its caller still listens. A request may name a shorter time than these 30 s.
  default_queue_policy {
    timeout_action: REJECT
    default_timeout_microseconds: 30000000
    allow_timeout_override: true
    max_queue_size: 64
  }
}

# Not ready before the smallest and the largest batch have run: whatever a device prepares for a
# size is prepared before the first caller pays for it.
model_warmup [
$warmups
]

# What this network answers for the known picture (`segmenter.inference.known_answer`): the means
# of an 8 x 8 grid over the matte, laid out here as in the picture. It is compared when the model is
# installed and whenever an engine starts, to find one that is up and computes wrongly.
parameters {
  key: "known_answer"
  value {
    string_value:
$known_answer
  }
}

# What callers are told of the weights (`ListModels`).
$terms
""")

_WARMUP = Template("""\
  {
    name: "batch of $size"
    batch_size: $size
    inputs {
      key: "image"
      value {
        data_type: TYPE_UINT8
        dims: [ $height_px, $width_px, 3 ]
        random_data: true
      }
    }
  }""")

_ANY_DEVICE = "On a GPU where there is one."
_CPU_ONLY = "On the CPU always: on a GPU 8-bit integers are no faster this way."
_MANY = "More would cost memory for each picture of the batch, and make each wait for more others."
_ONE = "One picture at a time: the card says so, or the graph computes no more at once."


def render(card: Card, built: Built, fingerprint: tuple[float, ...]) -> str:
    """Writes the configuration of a build with its known answer and the card's terms."""
    size = {"height_px": built.height_px, "width_px": built.width_px}
    batches = sorted({1, built.max_batch_size})
    return _HEAD.substitute(
        size,
        name=built.name,
        batch_comment=_MANY if built.max_batch_size > 1 else _ONE,
        max_batch_size=built.max_batch_size,
        kind="KIND_CPU" if card.quantisation else "KIND_AUTO",
        kind_comment=_CPU_ONLY if card.quantisation else _ANY_DEVICE,
        warmups=",\n".join(_WARMUP.substitute(size, size=each) for each in batches),
        known_answer=_in_rows(fingerprint),
        terms="\n".join(_parameter(*each) for each in terms(card, built).items()),
    )


def _in_rows(fingerprint: tuple[float, ...]) -> str:
    texts = known_answer.to_text(fingerprint).split(",")
    grid = known_answer.GRID
    rows = [",".join(texts[start : start + grid]) for start in range(0, len(texts), grid)]
    return "\n".join(f'      "{row},"' for row in rows[:-1]) + f'\n      "{rows[-1]}"'


def terms(card: Card, built: Built) -> Mapping[str, str]:
    """What callers are told of a build, each text in one line."""
    licence = card.licence
    texts = {
        model_config.TITLE_PARAMETER: card.title,
        model_config.LICENCE_PARAMETER: licence.spdx,
        model_config.LICENCE_SOURCE_PARAMETER: licence.source,
        model_config.COMMERCIAL_USE_PARAMETER: licence.commercial_use,
        model_config.COMMERCIAL_USE_NOTE_PARAMETER: licence.commercial_use_note,
        model_config.SOURCE_PARAMETER: licence.holder,
        model_config.SOURCE_SHA256_PARAMETER: built.source_sha256,
    }
    return {name: " ".join(text.split()) for name, text in texts.items()}


def _parameter(key: str, value: str) -> str:
    # What JSON makes of a string is also a string of this format.
    text = json.dumps(value, ensure_ascii=False)
    return f'parameters {{\n  key: "{key}"\n  value {{ string_value: {text} }}\n}}'
