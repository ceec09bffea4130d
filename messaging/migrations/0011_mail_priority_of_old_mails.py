import datetime as dt

from django.db import migrations
from django.db.models import F, Q

CODES = ("account-code", "account-address-code")
SECRETS = (*CODES, "account-new-password", "invitation")


def fill(apps, schema_editor):
    mails = apps.get_model("messaging", "Mail").objects
    mails.filter(kind__in=SECRETS).update(has_secret=True)
    waiting = mails.filter(sent_at=None, given_up_at=None)
    waiting.filter(kind__startswith="account-").update(priority=0)
    waiting.filter(kind="invitation").update(priority=1)
    waiting.filter(kind__in=CODES).update(expires_at=F("created_at") + dt.timedelta(minutes=15))
    given_up = mails.filter(given_up_at__isnull=False)
    given_up.update(give_up_reason="failed")
    refused = Q(last_error__startswith="SMTPRecipientsRefused") | Q(last_error__startswith="SMTPDataError")
    given_up.filter(refused).update(give_up_reason="refused")
    given_up.filter(last_error__startswith="its reader").update(give_up_reason="cancelled")


class Migration(migrations.Migration):
    dependencies = [("messaging", "0010_mail_priority")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
