"""Access to rooms."""

from tests.access import Row, post, row

ROWS: list[Row] = [
    # visitor, stranger awaiting participant trainer, coordinator other_coordinator, evaluator moderator
    row("space_room", "s 4++++ 444", "pk:space"),
    row("space_room", "s 44+++ 444", "pk:space", closed=True),
    post("space_room", "s 4+++3 444", "pk:space", text="Hello"),
    post("space_room", "s 44333 444", "pk:space", closed=True, text="Hello"),
    post("room_join", "s 4++++ 444", "pk:space"),
    post("room_read", "s 4+++4 444", "pk:space", number=1),
    post("message_edit", "s 43+34 444", "pk:space", "number:message", text="Mended"),
    post("message_edit", "s 44+34 444", "pk:space", "number:message", closed=True, text="Mended"),
    post("message_withdraw", "s 43++4 444", "pk:space", "number:message"),
    post("message_withdraw", "s 44++4 444", "pk:space", "number:message", closed=True),
    post("message_restore", "s 43+34 444", "pk:space", "number:withdrawn_message"),
    post("message_react", "s 4+++4 444", "pk:space", "number:message", mark="thanks", on="1"),
    post("message_react", "s 44334 444", "pk:space", "number:message", closed=True, mark="thanks", on="1"),
    row("room_search", "s 4+++4 444", "pk:space", query="?q=message"),
    row("room_search", "s 44++4 444", "pk:space", query="?q=message", closed=True),
    row("room_members", "s 4+++4 444", "pk:space"),
    row("room_readers", "s 4+++4 444", "pk:space"),
    row("room_hour", "s 4+++4 444", "pk:space"),
]
