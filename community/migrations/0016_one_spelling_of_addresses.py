import logging

from django.db import migrations

from common.addresses import normalize_address

logger = logging.getLogger(__name__)


def normalize_addresses(apps, schema_editor):
    """International domains were stored as they were typed, so the address that a browser sends was unknown.

    A row whose other spelling belongs to another row already stays as it is, and is named by its number: which
    of two accounts is right, only their owner can say.
    """
    verified = apps.get_model("account", "EmailAddress").objects
    invitations = apps.get_model("community", "Invitation").objects
    for row in _others(verified, "email"):
        same = verified.filter(email=row.spelling)
        if same.filter(user=row.user_id).exists() or (row.verified and same.filter(verified=True).exists()):
            logger.warning("The address of e-mail address %s belongs to another row too; it stays.", row.pk)
        else:
            verified.filter(pk=row.pk).update(email=row.spelling)
    for row in _others(invitations, "address"):
        pending = {"accepted_at": None, "revoked_at": None}
        same = invitations.filter(user=row.user_id, address=row.spelling, **pending)
        if row.accepted_at is None and row.revoked_at is None and same.exists():
            logger.warning("The address of invitation %s has another invitation too; it stays.", row.pk)
        else:
            invitations.filter(pk=row.pk).update(address=row.spelling)
    users = apps.get_model("community", "User").objects
    for row in _others(users, "email"):
        users.filter(pk=row.pk).update(email=row.spelling)


def _others(rows, field):
    """The rows whose address has another spelling, each with it as `spelling`."""
    for row in rows.exclude(**{field: ""}).order_by("pk").iterator():
        typed = getattr(row, field)
        try:
            row.spelling = normalize_address(typed)
        except ValueError:
            logger.warning("The address of %s %s is none; it stays.", row._meta.verbose_name, row.pk)
            continue
        if row.spelling != typed:
            yield row


class Migration(migrations.Migration):

    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("community", "0015_audience_is_known"),
    ]

    operations = [
        migrations.RunPython(normalize_addresses, migrations.RunPython.noop),
    ]
