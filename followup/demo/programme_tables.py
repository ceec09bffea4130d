"""The tables that a programme is written into, and which of their fields it gives a value."""

from allauth.account.models import EmailAddress

from community.institutes.models import Institute, Staff
from community.people.models import Draft, Invitation, User
from community.posts.models import Audience
from community.practices.models import Practice, PracticeVisit
from community.spaces.models import Membership, Space
from community.threads.models import Reply, Thread, ThreadVisit
from followup.completions.models import CompletionEntry
from followup.courses.models import CompletionBatch, Course, Enrolment, Module, Run, RunTrainer
from followup.demo.bulk_rows import Rows
from followup.live_hours.models import LiveHour
from followup.materials.models import Material
from followup.months.models import Month, MonthPrompt, MonthRun, Occasion
from followup.steps.models import StepTold
from messaging.chat.models import Entry, Reaction, Room, RoomMember
from messaging.notifications.models import Bell, BellEntry, Mail, Notification


class Tables:
    """All of them, in an order in which rows are written before those that point at them."""

    def __init__(self) -> None:
        self.news_of_trainers: dict[int, list[int]] = {}
        """The notifications of each trainer, whose bell is one for all their spaces."""
        self.user = Rows(
            User, *"name email password language time_zone created_at joined_at occupation".split()
        )
        self.address = Rows(EmailAddress, "user", "email", "verified", "primary")
        self.invitation = Rows(
            Invitation, *"user address occasion next_path invited_by invited_at expires_at".split()
        )
        self.institute = Rows(Institute, "name", "slug", "country", "language", "time_zone")
        self.staff = Rows(Staff, "institute", "user", "role", "since")
        self.course = Rows(
            Course,
            *"institute title slug language aim audience follow_up_months created_at published_at".split(),
        )
        self.module = Rows(Module, "course", "position", "title", "hours")
        self.run = Rows(Run, *"course starts_on ends_on place label completed_at completed_by".split())
        self.run_trainer = Rows(RunTrainer, "run", "user")
        self.material = Rows(Material, "run", "title", "link", "added_at", "added_by")
        self.batch = Rows(
            CompletionBatch,
            *"run source made_by made_at file_name started_at rows_total rows_done".split(),
            *"header applied_at opened_month".split(),
        )
        self.enrolment = Rows(
            Enrolment, *"run user enrolled_at completed_on completed_at completed_by batch".split()
        )
        self.completion = Rows(CompletionEntry, "batch", "user", "made_person", "enrolled", "admitted")
        self.room = Rows(Room, "last_number", "closes_at")
        self.space = Rows(Space, *"kind institute room title language opened_at closes_at time_zone".split())
        self.month = Rows(Month, "space", "course", "opened_on", "opened_by", "opener")
        self.month_run = Rows(MonthRun, "month", "run")
        self.prompt = Rows(MonthPrompt, "month", "position", "on", "step", "title", "text")
        self.occasion = Rows(Occasion, "month", "kind", "position", "due_at", "done_at")
        self.live_hour = Rows(
            LiveHour,
            *"month title starts_at ends_at announced_at announced_by".split(),
            *"reminded_at begun_at ended_at".split(),
        )
        self.membership = Rows(
            Membership, "space", "user", "role", "admitted_at", "admitted_by", "came_in_at"
        )
        self.room_member = Rows(
            RoomMember, "room", "user", "role", "keeps_order", "admitted_at", "read_number"
        )
        self.step = Rows(StepTold, "month", "user", "step", "sentence", "trainer_only", "told_at")
        self.thread = Rows(
            Thread,
            *"space author kind title text html search_text language created_at last_number".split(),
            *"last_post_at answer answered_at answered_by pinned_at pinned_by".split(),
        )
        self.reply = Rows(
            Reply, *"thread number author text html search_text language tried created_at".split()
        )
        self.thread_visit = Rows(ThreadVisit, "thread", "user", "number")
        self.practice = Rows(
            Practice,
            *"space author builds_on origin title setting context context_html tried tried_html".split(),
            *"happened happened_html change change_html search_text language".split(),
            *"subject phase outcome try_out_count worked_count created_at published_at".split(),
        )
        self.practice_visit = Rows(PracticeVisit, "practice", "user")
        self.audience = Rows(Audience, "post_kind", "post_id", "space")
        self.entry = Rows(Entry, *"room number kind author text html folded language at re".split())
        self.reaction = Rows(Reaction, "message", "user", "mark", "at")
        self.bell = Rows(Bell, "user", "last_number")
        self.notification = Rows(
            Notification,
            *"user key kind thing_kind thing_id scope path context by".split(),
            *"created_at seen_at mailed_at".split(),
        )
        self.bell_entry = Rows(BellEntry, "bell", "number", "kind", "notification")
        self.mail = Rows(
            Mail,
            *"key kind user address language subject text html created_at not_before".split(),
            *"sent_at attempts".split(),
        )
        self.draft = Rows(Draft, "user", "place", "title", "fields", "saved_at")

    @property
    def all(self) -> list[Rows]:
        """Each of them, in that order."""
        return [each for each in vars(self).values() if isinstance(each, Rows)]
