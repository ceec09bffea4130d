import hashlib

from django.db import migrations


def digest_keys(apps, schema_editor):
    """As common.sessions.stored_key; who is signed in stays so."""
    sessions = apps.get_model("sessions", "Session").objects
    for key in list(sessions.values_list("session_key", flat=True)):
        digest = hashlib.sha256(key.encode()).hexdigest()[:40]
        sessions.filter(session_key=key).update(session_key=digest)


class Migration(migrations.Migration):
    dependencies = [("messaging", "0021_mail_by_address"), ("sessions", "0001_initial")]

    # Digests cannot be reversed: after going back, everybody signs in again.
    operations = [migrations.RunPython(digest_keys, migrations.RunPython.noop)]
