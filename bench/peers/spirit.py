"""Spirit, as its project template configures it.

    python -m bench.peers.spirit FILE       create the tables, fill them, and write the plan
    gunicorn bench.peers.spirit:application

Where its own choice would cost time, it is spared: caches in memory, no limits, nothing indexed for search.
"""

import sys
import tempfile
from typing import Any

import django
from django.conf import settings
from spirit.extra.project_template.project_name.settings import base

from bench.peers import content

_memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
settings.configure(
    **{name: value for name, value in vars(base).items() if name.isupper()}
    | content.common
    | {
        "ROOT_URLCONF": __name__,
        "WSGI_APPLICATION": None,
        "CACHES": {"default": _memory, "st_rate_limit": _memory | {"LOCATION": "rates", "TIMEOUT": None}},
        "ST_RATELIMIT_ENABLE": False,
        "ST_SITE_URL": "http://localhost/",
        "HAYSTACK_CONNECTIONS": {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}},
        "HAYSTACK_SIGNAL_PROCESSOR": "haystack.signals.BaseSignalProcessor",
        "STATIC_ROOT": tempfile.gettempdir(),
        "LOGGING": {},
    }
)
django.setup()

# After settings.configure().
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import include, path  # noqa: E402

urlpatterns = [path("", include("spirit.urls"))]
application = get_wsgi_application()


def fill(file: str) -> None:
    """Create tables and content."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.hashers import make_password
    from django.core.management import call_command
    from django.utils import timezone
    from spirit.category.models import Category
    from spirit.comment.bookmark.models import CommentBookmark
    from spirit.comment.models import Comment
    from spirit.topic.models import Topic
    from spirit.topic.notification.models import TopicNotification
    from spirit.topic.unread.models import TopicUnread
    from spirit.user.models import UserProfile

    call_command("migrate", verbosity=0)
    now, password, person = timezone.now(), make_password(None), get_user_model()
    users: list[Any] = person.objects.bulk_create(
        [
            person(username=f"member{number}", email=f"member{number}@forum.example", password=password)
            for number in range(content.PEOPLE)
        ]
    )
    UserProfile.objects.bulk_create(
        [
            UserProfile(
                user=user,
                slug=user.username,
                nickname=user.username,
                last_ip="127.0.0.1",
                is_verified=True,
                last_seen=now,
            )
            for user in users
        ]
    )
    categories = Category.objects.bulk_create(
        [
            Category(
                title=f"Category {number}", slug=f"category-{number}", description="To talk", sort=number
            )
            for number in range(content.FORUMS)
        ]
    )
    last = content.POSTS_PER_TOPIC - 1
    topics = Topic.objects.bulk_create(
        [
            Topic(
                user=users[content.author_of(number, 0)],
                category=categories[number % content.FORUMS],
                title=content.title(number),
                slug=f"topic-{number}",
                date=content.written_at(number, 0, now),
                last_active=content.written_at(number, last, now),
                comment_count=content.POSTS_PER_TOPIC,
                view_count=40,
            )
            for number in range(content.TOPICS)
        ]
    )
    comments = []
    for number, topic in enumerate(topics):
        for position in range(content.POSTS_PER_TOPIC):
            text = content.paragraph()
            comments.append(
                Comment(
                    user=users[content.author_of(number, position)],
                    topic=topic,
                    comment=text,
                    comment_html=f"<p>{text}</p>",
                    date=content.written_at(number, position, now),
                    ip_address="127.0.0.1",
                    likes_count=position % 3,
                )
            )
    for batch in content.batches(comments):
        Comment.objects.bulk_create(batch)
    reader, read = users[content.READER], topics[: content.READ_TOPICS]
    TopicUnread.objects.bulk_create([TopicUnread(user=reader, topic=topic, is_read=True) for topic in read])
    CommentBookmark.objects.bulk_create(
        [CommentBookmark(user=reader, topic=topic, comment_number=content.POSTS_PER_TOPIC) for topic in read]
    )
    posted = topics[content.POSTED_TOPICS.start : content.POSTED_TOPICS.stop]
    TopicNotification.objects.bulk_create(
        [
            TopicNotification(user=user, topic=topic, comment=topic.comment_set.first(), is_active=True)
            for topic in posted
            for user in users[10 : 10 + content.TOLD]
        ]
    )
    content.write_plan(
        file,
        content.session_of(reader),
        {
            "thread": topics[content.READ_TOPIC].get_absolute_url(),
            "list": categories[content.READ_FORUM].get_absolute_url(),
            "home": "/",
        },
        [f"/comment/{topic.pk}/publish/" for topic in posted],
    )


if __name__ == "__main__":
    fill(sys.argv[1])
