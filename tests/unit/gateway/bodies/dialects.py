"""A vocabulary with all that one can have, for tests of what dialects share."""

from gateway.bodies.kind import BodyKind
from gateway.bodies.vocabulary import Vocabulary
from gateway.pictures import Slot

KINDS = frozenset({BodyKind.MULTIPART, BodyKind.URLENCODED, BodyKind.JSON})
TWO = Vocabulary(
    files={"picture": Slot.IMAGE, "back": Slot.BACKGROUND},
    texts={"picture_b64": Slot.IMAGE, "back_b64": Slot.BACKGROUND},
    urls={"picture_url": Slot.IMAGE, "back_url": Slot.BACKGROUND},
    kinds=KINDS,
)
FILE_WINS = Vocabulary(
    files={"picture": Slot.IMAGE}, texts={"picture_b64": Slot.IMAGE}, urls={}, kinds=KINDS,
    file_wins=True,
)  # fmt: skip
DATA_URLS = Vocabulary(
    files={"picture": Slot.IMAGE, "back": Slot.BACKGROUND},
    texts={},
    urls={"picture_url": Slot.IMAGE, "back_url": Slot.BACKGROUND},
    kinds=KINDS,
    data_urls=True,
)
QUERY = Vocabulary(
    files={"file": Slot.IMAGE},
    texts={},
    urls={"url": Slot.IMAGE},
    kinds=frozenset({BodyKind.MULTIPART}),
    query=True,
)
