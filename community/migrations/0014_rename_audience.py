from django.db import migrations


def rename_audience(apps, schema_editor):
    """A question for the trainer is one for those who answer in its space; drafts hold what a form held."""
    _rename(apps, "trainer", "answerers")


def restore_audience(apps, schema_editor):
    """The word of the release before, which treats any other as everyone."""
    _rename(apps, "answerers", "trainer")


def _rename(apps, old, new):
    apps.get_model("community", "Thread").objects.filter(audience=old).update(audience=new)
    for draft in apps.get_model("community", "Draft").objects.filter(place__contains="/spaces/").iterator():
        if draft.fields.get("audience") == old:
            draft.fields["audience"] = new
            draft.save(update_fields=["fields"])


class Migration(migrations.Migration):
    # Apart from the columns of 0012: PostgreSQL must commit these rows before the column is narrowed.

    dependencies = [
        ("community", "0013_user_email"),
    ]

    operations = [
        migrations.RunPython(rename_audience, restore_audience),
    ]
