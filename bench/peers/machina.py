"""django-machina, as its documentation configures it.

python -m bench.peers.machina FILE      create the tables, fill them, and write the plan
gunicorn bench.peers.machina:application
"""

import sys
import tempfile
from typing import Any

import django
import machina
from django.conf import settings

from bench.peers import content

FORUM_APPS = (
    "forum",
    "forum_conversation",
    "forum_conversation.forum_attachments",
    "forum_conversation.forum_polls",
    "forum_feeds",
    "forum_moderation",
    "forum_search",
    "forum_tracking",
    "forum_member",
    "forum_permission",
)
RIGHTS = (
    "can_see_forum",
    "can_read_forum",
    "can_start_new_topics",
    "can_reply_to_topics",
    "can_edit_own_posts",
    "can_post_without_approval",
    "can_download_file",
)
_memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
settings.configure(
    **content.common,
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "mptt",
        "haystack",
        "widget_tweaks",
        "machina",
        *(f"machina.apps.{name}" for name in FORUM_APPS),
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "machina.apps.forum_permission.middleware.ForumPermissionMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [machina.MACHINA_MAIN_TEMPLATE_DIR],
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                    "django.template.context_processors.i18n",
                    "machina.core.context_processors.metadata",
                ]
            },
        }
    ],
    CACHES={"default": _memory, "machina_attachments": _memory | {"LOCATION": "attachments"}},
    HAYSTACK_CONNECTIONS={"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}},
    STATIC_URL="/static/",
    STATICFILES_DIRS=[machina.MACHINA_MAIN_STATIC_DIR],
    MEDIA_ROOT=tempfile.gettempdir(),
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)
django.setup()

# After settings.configure().
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import include, path, reverse  # noqa: E402

urlpatterns = [path("", include("machina.urls"))]
application = get_wsgi_application()


def fill(file: str) -> None:
    """Create tables and content."""
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.utils import timezone
    from machina.core.db.models import get_model

    forum_model, topic_model = get_model("forum", "Forum"), get_model("forum_conversation", "Topic")
    post_model = get_model("forum_conversation", "Post")
    permission, granted = (
        get_model("forum_permission", name) for name in ("ForumPermission", "UserForumPermission")
    )
    call_command("migrate", verbosity=0)
    now, password = timezone.now(), make_password(None)
    users = User.objects.bulk_create(
        [
            User(username=f"member{number}", email=f"member{number}@forum.example", password=password)
            for number in range(content.PEOPLE)
        ]
    )
    profile = get_model("forum_member", "ForumProfile")
    profile.objects.bulk_create([profile(user=user, posts_count=25) for user in users])
    for right in RIGHTS:
        granted.objects.create(
            permission=permission.objects.get(codename=right), authenticated_user=True, has_perm=True
        )
    topics_of_each = content.TOPICS // content.FORUMS
    forums = [
        forum_model.objects.create(
            name=f"Forum {number}",
            slug=f"forum-{number}",
            type=0,
            direct_posts_count=topics_of_each * content.POSTS_PER_TOPIC,
            direct_topics_count=topics_of_each,
            last_post_on=now,
        )
        for number in range(content.FORUMS)
    ]
    topics = topic_model.objects.bulk_create(
        [
            topic_model(
                forum=forums[number % content.FORUMS],
                poster=users[content.author_of(number, 0)],
                subject=content.title(number),
                slug=f"topic-{number}",
                type=0,
                status=0,
                posts_count=content.POSTS_PER_TOPIC,
                views_count=40,
                last_post_on=content.written_at(number, content.POSTS_PER_TOPIC - 1, now),
            )
            for number in range(content.TOPICS)
        ]
    )
    posts: list[Any] = []
    for number, topic in enumerate(topics):
        for position in range(content.POSTS_PER_TOPIC):
            post = post_model(
                topic=topic,
                poster=users[content.author_of(number, position)],
                subject=topic.subject,
                created=content.written_at(number, position, now),
                updated=now,
            )
            post.content = content.paragraph()
            posts.append(post)
    for batch in content.batches(posts):
        post_model.objects.bulk_create(batch)
    for number, topic in enumerate(topics):
        first = number * content.POSTS_PER_TOPIC
        topic.first_post, topic.last_post = posts[first], posts[first + content.POSTS_PER_TOPIC - 1]
    topic_model.objects.bulk_update(topics, ["first_post", "last_post"], batch_size=500)
    for forum, topic in zip(forums, topics, strict=False):
        forum_model.objects.filter(pk=forum.pk).update(
            last_post=topic.last_post_id, last_post_on=topic.last_post_on
        )
    reader, track = users[content.READER], get_model("forum_tracking", "TopicReadTrack")
    track.objects.bulk_create([track(user=reader, topic=topic) for topic in topics[: content.READ_TOPICS]])
    topic, forum = topics[content.READ_TOPIC], forums[content.READ_FORUM]
    in_topic = {
        "forum_slug": topic.forum.slug,
        "forum_pk": topic.forum.pk,
        "slug": topic.slug,
        "pk": topic.pk,
    }
    content.write_plan(
        file,
        content.session_of(reader),
        {
            "thread": reverse("forum_conversation:topic", kwargs=in_topic),
            "list": reverse("forum:forum", kwargs={"slug": forum.slug, "pk": forum.pk}),
            "home": reverse("forum:index"),
        },
        [],
    )


if __name__ == "__main__":
    fill(sys.argv[1])
