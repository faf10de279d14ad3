"""Writes the PrometheusRule of Kustomize's component out of the rule files.

A component reads only files within its folder, and the Prometheus Operator wants an object around
the groups. Run: python deploy/monitoring/make_prometheusrule.py.
"""

import textwrap
from pathlib import Path

FOLDER = Path(__file__).parent
OBJECT = FOLDER.parent / "kustomize" / "components" / "monitoring" / "prometheusrule.yaml"

_HEAD = """\
# Made by `python deploy/monitoring/make_prometheusrule.py` from deploy/monitoring/rules.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: mattebox
  labels:
    app.kubernetes.io/name: mattebox
    app.kubernetes.io/part-of: mattebox
spec:
  groups:
"""


def text() -> str:
    """What the file has to hold."""
    rules = [
        (FOLDER / "rules" / f"{name}.yaml").read_text("utf-8") for name in ("recording", "alerts")
    ]
    groups = [text.partition("\ngroups:\n")[2] for text in rules]
    return _HEAD + textwrap.indent("\n".join(groups), "  ")


if __name__ == "__main__":
    OBJECT.write_text(text(), "utf-8")
