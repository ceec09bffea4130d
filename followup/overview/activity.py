"""How much was written in spaces on each day, for their strips."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db.models import Count, F
from django.db.models.functions import TruncDate

from community.practices.models import Practice
from community.threads.models import Reply, Thread


def posts_by_day(space_ids: Collection[int]) -> Mapping[int, Mapping[dt.date, int]]:
    """How much was written in each space on each day by the reader's calendar; one query for all of them.

    What only a trainer may read is left out, so that no drawing gives it away.
    """
    everyone = Thread.Audience.EVERYONE
    threads = Thread.objects.published().filter(space__in=space_ids, audience=everyone)
    replies = Reply.objects.filter(
        thread__space__in=space_ids,
        thread__audience=everyone,
        thread__withdrawn_at=None,
        withdrawn_at=None,
    )
    practices = Practice.objects.published().filter(space__in=space_ids)
    day = TruncDate("created_at")
    counted = (
        threads.order_by().values_list(F("space"), day).annotate(count=Count("pk")),
        replies.order_by().values_list(F("thread__space"), day).annotate(count=Count("pk")),
        practices.order_by().values_list(F("space"), TruncDate("published_at")).annotate(count=Count("pk")),
    )
    posts: dict[int, dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
    for space, written_on, count in counted[0].union(*counted[1:], all=True):
        posts[space][written_on] += count
    return posts
