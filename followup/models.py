"""The models of all subjects of the follow-up, gathered for Django."""

from followup.courses.models import (
    CompletionBatch,
    CompletionEntry,
    Course,
    Enrolment,
    Material,
    Module,
    Run,
    RunTrainer,
    WeeklyPrompt,
)
from followup.months.models import Extension, LiveHour, Month, MonthPrompt, MonthRun, Occasion, StepTold

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
