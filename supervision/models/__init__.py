"""Tables of the supervision floor."""

from supervision.models.frequency import Flag, FrequencyAssignment, Risk
from supervision.models.plan import Plan, Task, TaskCause, TaskKind
from supervision.models.visit import EnforcementCertificate, GuidanceVisit, Inspection
from supervision.models.watch import WatchReport

__all__ = [
    "EnforcementCertificate",
    "Flag",
    "FrequencyAssignment",
    "GuidanceVisit",
    "Inspection",
    "Plan",
    "Risk",
    "Task",
    "TaskCause",
    "TaskKind",
    "WatchReport",
]
