"""Access to reports. The participant wrote what is reported, another participant reported it."""

from tests.access import Row, post, row

REPORT = {"reason": "other", "details": "Look at this"}
DECISION = {"decision": "shown", "sentence": "All is well."}
ROWS: list[Row] = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("report_new", "s 4+3+ +4 +4", "kind:thread_kind", "pk:thread"),
    row("report_new", "s 443+ +4 +4", "kind:thread_kind", "pk:thread", closed=True),
    row("report_new", "s 443+ 44 44", "kind:thread_kind", "pk:trainer_only_question"),
    post("report_new", "s 4+3+ +4 +4", "kind:thread_kind", "pk:thread", **REPORT),
    row("message_report", "s 4+3+ 44 44", "pk:space", "number:message"),
    post("message_report", "s 4+3+ 44 44", "pk:space", "number:message", **REPORT),
    row("reports", "s ++++ ++ ++"),
    row("report_detail", "s 44++ +4 4+", "pk:report"),
    post("report_detail", "s 443+ +4 4+", "pk:report", **DECISION),
]
