"""Personal data in reports: exporting and erasing it."""

from typing import TYPE_CHECKING, Any

from common import privacy
from community.reports.models import Report

if TYPE_CHECKING:
    from community.people.models import User

FIELDS = ("community.Report.author", "community.Report.by", "community.Report.decided_by")


def register() -> None:
    """Register with the privacy registry."""
    privacy.register("reports", export_for, erase, FIELDS)


def export_for(user: "User") -> dict[str, Any]:
    """What they reported, what was decided about theirs, and what they decided. Never who reported theirs."""
    made = Report.objects.filter(by=user).order_by("pk")
    about = Report.objects.visible_to(user).filter(author=user).order_by("pk")
    return {
        "reported": [
            {"reason": row.reason, "text": row.text, "on": row.at.isoformat(), "decision": row.decision}
            for row in made
        ],
        "about_mine": [
            {"reason": row.reason, "on": row.at.isoformat(), "decision": row.decision, "said": row.sentence}
            for row in about
        ],
        "decided": [
            {"decision": row.decision, "said": row.sentence, "on": row.decided_at.isoformat()}
            for row in Report.objects.filter(decided_by=user).order_by("pk")
            if row.decided_at is not None
        ],
    }


def erase(user: "User") -> None:
    """Empty what they typed and clear the names; the log of decisions stays. What waits is still decided."""
    Report.objects.filter(by=user).update(by=None, text="")
    Report.objects.filter(decided_by=user).update(decided_by=None, sentence="")
    Report.objects.filter(author=user).update(author=None)
