"""Decides which tensors of a wrapped graph become 8-bit integers. Changes nothing."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from onnx import GraphProto, NodeProto, TensorProto

from mattebox.models.errors import WrapError

# They hand values on as they are, or as means of them: what comes out needs no range of its own.
_PASSING = ("MaxPool", "Resize", "Concat")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is computed in integers, and what has to be known for it."""

    convolutions: tuple[str, ...]
    """The convolutions, by the names of their outputs."""
    tensors: tuple[str, ...]
    """All tensors that are rounded to 8 bits, sorted."""
    measured: tuple[str, ...]
    """Those of them whose ranges have to be known; the others hand on values of these."""
    groups: dict[str, str]
    """For each tensor one that stands for all that share its scale."""
    in_float: frozenset[str]
    """Those that convolutions in floats compute: what needs no integers reads them unrounded."""

    def rounds_for(self, reader: NodeProto, name: str) -> bool:
        """Whether a node reads a tensor as it is after rounding."""
        if name not in self.groups:
            return False
        computes_in_integers = bool({*reader.output} & {*self.convolutions, *self.groups})
        return computes_in_integers or name not in self.in_float


def plan(graph: GraphProto, float_nodes: Collection[str]) -> Plan:
    """Plans to compute all convolutions in integers, but for those named.

    Raises:
        WrapError: the graph has no convolution of such a name, or it would not stay in floats.
    """
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    if strange := set(float_nodes) - {node.name for node in convolutions}:
        raise WrapError(
            f"The published graph has no convolutions named {', '.join(sorted(strange))}. "
            "float_nodes of the card is for another export of this network."
        )
    weights = {each.name for each in graph.initializer if each.data_type == TensorProto.FLOAT}
    chosen = [
        node
        for node in convolutions
        if node.name not in float_nodes and all(each in weights for each in node.input[1:])
    ]
    makers = {output: node for node in graph.node for output in node.output}
    tensors = {_outcome(node, graph) for node in chosen}
    tensors |= _upstream([node.input[0] for node in chosen], makers)
    passed = {name for name in tensors if name in makers and makers[name].op_type in _PASSING}
    found = Plan(
        convolutions=tuple(node.output[0] for node in chosen),
        tensors=tuple(sorted(tensors)),
        measured=tuple(sorted(tensors - passed)),
        groups=_grouped(tensors, [makers[name] for name in sorted(passed)]),
        in_float=frozenset(_outcome(node, graph) for node in convolutions if node not in chosen),
    )
    for node in convolutions:
        if node.name in float_nodes:
            _demand_float_reader(node, graph, found)
    return found


def _demand_float_reader(node: NodeProto, graph: GraphProto, found: Plan) -> None:
    """ONNX Runtime rounds what stands between integers on both sides, whoever wanted floats."""
    outcome = _outcome(node, graph)
    readers = [each for each in graph.node if outcome in each.input]
    makers = {output: each for each in graph.node for output in each.output}
    between = outcome in found.groups and _upstream([node.input[0]], makers) & set(found.groups)
    if between and all(found.rounds_for(each, outcome) for each in readers):
        raise WrapError(
            f"float_nodes of the card keep {node.name} in floats, and nothing that reads it: "
            "ONNX Runtime would round it all the same. Name the convolutions behind it, too."
        )


def _outcome(node: NodeProto, graph: GraphProto) -> str:
    """What is rounded of a convolution: what a Relu leaves of it, where one alone reads it."""
    readers = [each for each in graph.node if node.output[0] in each.input]
    if len(readers) == 1 and readers[0].op_type == "Relu":
        return readers[0].output[0]
    return node.output[0]


def _upstream(names: Iterable[str], makers: dict[str, NodeProto]) -> set[str]:
    """The tensors, and those before them of which values are only handed on."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _handed_on(makers[name]) if name in makers else []
    return found


def _handed_on(node: NodeProto) -> list[str]:
    if node.op_type not in _PASSING:
        return []
    return list(node.input) if node.op_type == "Concat" else [node.input[0]]


def _grouped(tensors: Collection[str], passing: Iterable[NodeProto]) -> dict[str, str]:
    """With one scale on both sides, values are handed on without being computed anew."""
    groups = {name: name for name in tensors}
    for node in passing:
        joined = {groups[name] for name in (node.output[0], *_handed_on(node))}
        one = min(joined)
        groups = {name: one if group in joined else group for name, group in groups.items()}
    return groups
