"""What a manifest may say that has no meaning without a cluster. All else must be understood."""

KINDS = frozenset(
    {
        "HTTPRoute",
        "Ingress",
        "PodDisruptionBudget",
        "PrometheusRule",
        "ScaledObject",
        "ServiceMonitor",
        "TriggerAuthentication",
    }
)
"""Objects that are not executed: ways in, and what operators of others read."""

WORKLOAD = ("progressDeadlineSeconds", "revisionHistoryLimit")
"""How long a controller waits before it complains, and how many old templates it keeps."""

POD = (
    "affinity",
    "imagePullSecrets",
    "nodeSelector",
    "preemptionPolicy",
    "priority",
    "priorityClassName",
    "runtimeClassName",
    "schedulerName",
    "tolerations",
    "topologySpreadConstraints",
)
"""Where a pod runs, and who has to yield to it."""

CONTAINER = ("imagePullPolicy", "terminationMessagePath", "terminationMessagePolicy")

SECURITY = ("appArmorProfile", "seLinuxOptions", "seccompProfile", "fsGroupChangePolicy")
"""Profiles that the node would have to hold, and how eagerly files change their group."""

SERVICE = (
    "allocateLoadBalancerNodePorts",
    "externalTrafficPolicy",
    "internalTrafficPolicy",
    "ipFamilies",
    "ipFamilyPolicy",
    "trafficDistribution",
)

CLAIM = ("accessModes", "resources", "storageClassName", "volumeMode")
"""Which disk a claim gets: here a folder that is kept."""
