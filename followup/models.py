"""The models of all subjects of the follow-up, gathered for Django."""

from followup.completions.models import CompletionEntry
from followup.courses.models import CompletionBatch, Course, Enrolment, Module, Run, RunTrainer, WeeklyPrompt
from followup.live_hours.models import LiveHour
from followup.materials.models import Material
from followup.months.models import Extension, Month, MonthPrompt, MonthRun, Occasion
from followup.steps.models import StepTold

__all__ = [
    "CompletionBatch",
    "CompletionEntry",
    "Course",
    "Enrolment",
    "Extension",
    "LiveHour",
    "Material",
    "Module",
    "Month",
    "MonthPrompt",
    "MonthRun",
    "Occasion",
    "Run",
    "RunTrainer",
    "StepTold",
    "WeeklyPrompt",
]
