import common.clock
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]
    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "key",
                    models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name="key"),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
                (
                    "occupation",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("teacher", "Teacher"),
                            ("head", "Head of a school"),
                            ("school-office", "School administration"),
                            ("preschool", "Pre-school teacher"),
                            ("municipal", "Municipal education specialist"),
                            ("teacher-centre", "Teacher centre specialist"),
                            ("librarian", "Pedagogical librarian"),
                            ("trainer", "Trainer"),
                            ("other", "Something else"),
                        ],
                        max_length=20,
                        verbose_name="occupation",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("en", "English"),
                            ("hu", "Hungarian"),
                            ("pl", "Polish"),
                            ("lt", "Lithuanian"),
                            ("ru", "Russian"),
                        ],
                        default="en",
                        max_length=5,
                        verbose_name="language",
                    ),
                ),
                ("time_zone", models.CharField(default="UTC", max_length=60, verbose_name="time zone")),
                (
                    "theme",
                    models.CharField(
                        choices=[("system", "As my device"), ("light", "Light"), ("dark", "Dark")],
                        default="system",
                        max_length=6,
                        verbose_name="colours",
                    ),
                ),
                (
                    "shows_presence",
                    models.BooleanField(default=True, verbose_name="others see when I am in a room"),
                ),
                ("is_staff", models.BooleanField(default=False, verbose_name="runs this installation")),
                ("is_moderator", models.BooleanField(default=False, verbose_name="moderator")),
                (
                    "created_at",
                    models.DateTimeField(default=common.clock.now, editable=False, verbose_name="made"),
                ),
                ("joined_at", models.DateTimeField(blank=True, null=True, verbose_name="joined")),
                ("suspended_at", models.DateTimeField(blank=True, null=True, verbose_name="suspended")),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={"verbose_name": "person", "verbose_name_plural": "people"},
        )
    ]
