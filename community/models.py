"""The models of all subjects of the community, gathered for Django."""

from community.institutes.models import Institute, Staff
from community.people.models import AttemptCount, Draft, Invitation, User
from community.posts.models import Audience, KeptMessage
from community.practices.comment_models import Comment
from community.practices.models import Practice, PracticeVisit
from community.reports.models import Report
from community.spaces.models import Membership, Space
from community.threads.models import Reply, Thread, ThreadVisit
from community.unread.models import SpaceVersion, Unread

__all__ = [
    "AttemptCount",
    "Audience",
    "Comment",
    "Draft",
    "Institute",
    "Invitation",
    "KeptMessage",
    "Membership",
    "Practice",
    "PracticeVisit",
    "Reply",
    "Report",
    "Space",
    "SpaceVersion",
    "Staff",
    "Thread",
    "ThreadVisit",
    "Unread",
    "User",
]
