"""The fixtures of the demo's six programmes: one TOML file each, in its own language.

Days count from the opening of a month, its first day being 0, or back from today when they are negative
(-1 is yesterday); hours are those of the institute's time zone. So the same texts make a month in its
second week whenever the demo is seeded; `days.py` moves what would fall on a weekend.
"""

import datetime as dt
import tomllib
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from followup.demo.blurbs import BLURBS

FOLDER = Path(__file__).parent
MATERIALS = FOLDER / "materials"
"""Made by `tools/demo_materials.py`."""
FILES = ["en.toml", "hu.toml", "pl.toml", "lt.toml", "ru-kuban.toml", "ru-neva.toml"]
DOMAIN = "aftercourse-demo.example"
"""The domain of the demo's addresses; mail to `.example` reaches nobody."""

T = TypeVar("T")


@dataclass(frozen=True)
class Institute:
    """An institute; the fields are those of its model."""

    name: str
    slug: str
    country: str
    language: str
    time_zone: str
    about: str
    licence: str = ""
    own_terms: str = ""
    not_for_profit: bool = False
    permission_first: bool = False
    rights_holder: str = "author"


@dataclass(frozen=True)
class Person:
    """A person; visitors can sign in as those who are described in `blurbs.py`."""

    key: str
    name: str
    does: str
    occupation: str = "teacher"
    role: str = "participant"
    preferred_name: str = ""


@dataclass(frozen=True)
class Module:
    """A part of a course with its hours."""

    title: str
    hours: int


@dataclass(frozen=True)
class Prompt:
    """A weekly prompt of a course's own."""

    step: str
    title: str
    text: str


@dataclass(frozen=True)
class Course:
    """A course; `months` is the length of its follow-up."""

    key: str
    slug: str
    title: str
    aim: str
    audience: str
    accredited_by: str
    accredited_on: dt.date
    accreditation_number: str
    months: int
    sharing_guide: str
    modules: list[Module] = field(metadata={"each": Module})
    prompts: list[Prompt] = field(default_factory=list, metadata={"each": Prompt})


@dataclass(frozen=True)
class Material:
    """A link, a small text file with its content, or without one a file of the folder `materials`."""

    title: str
    url: str = ""
    file: str = ""
    text: str = ""

    @property
    def content(self) -> bytes:
        """What is in its file."""
        return f"{self.text}\n".encode() if self.text else (MATERIALS / self.file).read_bytes()


@dataclass(frozen=True)
class Shown:
    """A file of the folder `materials` in a post, and of a picture what can be seen on it."""

    file: str
    alt: str = ""

    @property
    def path(self) -> Path:
        """Where it is."""
        return MATERIALS / self.file


@dataclass(frozen=True, kw_only=True)
class Written:
    """Anything written: author, day and time."""

    by: str
    day: int
    at: str


@dataclass(frozen=True, kw_only=True)
class Post(Written):
    """What may have files."""

    files: list[Shown] = field(default_factory=list, metadata={"each": Shown})


@dataclass(frozen=True, kw_only=True)
class Reply(Post):
    """A reply; `tried` marks it "I tried this", `answer` makes it the accepted one."""

    text: str
    tried: bool = False
    answer: bool = False


@dataclass(frozen=True, kw_only=True)
class Thread(Post):
    """A conversation, or a question, perhaps for the trainer alone."""

    title: str
    text: str
    question: bool = False
    audience: str = "everyone"
    pinned: bool = False
    replies: list[Reply] = field(default_factory=list, metadata={"each": Reply})


@dataclass(frozen=True)
class Facts:
    """The facts of a practice; the fields are those of its model."""

    subject: str = ""
    phase: str = ""
    age_from: int | None = None
    age_to: int | None = None
    class_size: int | None = None
    time_needed: int | None = None
    time_unit: str = "minutes"
    materials: str = ""


@dataclass(frozen=True, kw_only=True)
class TryOut(Post):
    """A practice built on another one; without a title it gets that of the other."""

    title: str
    context: str
    tried: str
    happened: str
    change: str
    outcome: str = ""


@dataclass(frozen=True, kw_only=True)
class Comment(Post):
    """A comment on a practice: a question to its author, or written for the question with a number."""

    text: str
    asks: bool = False
    answers: int | None = None


@dataclass(frozen=True, kw_only=True)
class Practice(TryOut):
    """A practice in its four parts, with the try-outs built on it, and the comments in their order."""

    setting: str = ""
    facts: Facts = field(default=Facts(), metadata={"one": Facts})
    tryouts: list[TryOut] = field(default_factory=list, metadata={"each": TryOut})
    comments: list[Comment] = field(default_factory=list, metadata={"each": Comment})


@dataclass(frozen=True, kw_only=True)
class ReportedStep(Written):
    """A step reported in one sentence."""

    step: str
    sentence: str
    trainer_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Hour(Written):
    """A live hour; its own day and hour are those of its announcement."""

    title: str
    on: int
    starts: str
    ends: str


@dataclass(frozen=True, kw_only=True)
class Extension(Written):
    """An extension by some days, in which the trainers are asked to stay."""

    days: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class RoomMessage(Post):
    """A message in the room.

    `answers` is the title of the question as whose answer it was kept, `re` how many messages earlier the
    one is to which it replies, and each of `marks` a mark and the key of the person who gave it.
    """

    text: str
    answers: str = ""
    re: int = 0
    marks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Run:
    """A course group. One of the four `..._days...` sets its dates, of which `closes_in_days` is the one
    without extensions; `enrolled` are those whose month has not opened yet."""

    key: str
    course: str
    name: str
    place: str
    course_days: int
    trainers: list[str]
    day_today: int | None = None
    closes_in_days: int | None = None
    closed_days_ago: int | None = None
    ends_in_days: int | None = None
    opened_by: str = "coordinator"
    participants: list[str] = field(default_factory=list)
    awaiting: list[str] = field(default_factory=list)
    enrolled: list[str] = field(default_factory=list)
    not_yet_in: list[str] = field(default_factory=list)
    materials: list[Material] = field(default_factory=list, metadata={"each": Material})
    threads: list[Thread] = field(default_factory=list, metadata={"each": Thread})
    practices: list[Practice] = field(default_factory=list, metadata={"each": Practice})
    reported_steps: list[ReportedStep] = field(default_factory=list, metadata={"each": ReportedStep})
    hours: list[Hour] = field(default_factory=list, metadata={"each": Hour})
    extensions: list[Extension] = field(default_factory=list, metadata={"each": Extension})
    room: list[RoomMessage] = field(default_factory=list, metadata={"each": RoomMessage})


@dataclass(frozen=True)
class Programme:
    """One programme with everything in it."""

    institute: Institute = field(metadata={"one": Institute})
    people: list[Person] = field(metadata={"each": Person})
    courses: list[Course] = field(metadata={"each": Course})
    runs: list[Run] = field(metadata={"each": Run})

    def address(self, key: str) -> str:
        """The address of one of its people."""
        return f"{key}@{self.institute.slug}.{DOMAIN}"

    @property
    def pickable(self) -> list[Person]:
        """The people a visitor can sign in as, in the order in which they are offered."""
        by_key = {person.key: person for person in self.people}
        return [by_key[key] for key in BLURBS[self.institute.slug]]


@cache
def programmes() -> tuple[Programme, ...]:
    """All programmes, read once."""
    return tuple(_from_table(Programme, tomllib.loads((FOLDER / name).read_text("utf-8"))) for name in FILES)


def _from_table(kind: type[T], table: dict[str, Any]) -> T:
    """A TOML table as its dataclass. Raises TypeError for an unknown key."""
    values = dict(table)
    for each in fields(kind):  # type: ignore[arg-type]
        if each.name not in values:
            continue
        if inner := each.metadata.get("each"):
            values[each.name] = [_from_table(inner, row) for row in values[each.name]]
        elif inner := each.metadata.get("one"):
            values[each.name] = _from_table(inner, values[each.name])
    return kind(**{key: value.strip() if isinstance(value, str) else value for key, value in values.items()})
