"""A dealer's licence is a licence: the rows of the table of its own move into the register's."""

import re
import unicodedata

from django.db import migrations, models

KINDS = {'pesticide': 'pesticide_sale', 'veterinary_drug': 'veterinary_sale', 'seed': 'seed'}
DEALING = tuple(KINDS.values())


def key_of(number):
    """As ``archives.models.number_key`` was when this was written."""
    key = re.sub(r'[\W_]+', '', unicodedata.normalize('NFKC', number)).upper()[:80]
    return key or number[:80]


def carry(apps, schema_editor):
    """Each dealer's licence becomes a checked licence; one that is on file already takes what it lacked."""
    Licence = apps.get_model('archives', 'Licence')
    taken = set()
    for row in Licence.objects.filter(kind__in=DEALING, ended_on=None, check_outcome='pass').order_by('pk'):
        if (row.kind, row.number_key) in taken:  # two shops with one number: an officer looks again
            row.check_outcome, row.checked_on, row.checked_by = '', None, None
            row.save()
        taken.add((row.kind, row.number_key))
    for old in apps.get_model('archives', 'DealerLicence').objects.order_by('pk').iterator():
        kind, key = KINDS[old.kind], key_of(old.number)
        known = Licence.objects.filter(producer_id=old.producer_id, kind=kind, number_key=key, ended_on=None)
        row = known.first() if old.ended_on is None else None
        row = row or Licence(
            producer_id=old.producer_id, kind=kind, number=old.number, number_key=key, entered_by_id=old.kept_by_id
        )
        row.issuer, row.scope, row.restricted = old.authority, row.scope or old.scope, old.restricted
        row.issued_on, row.valid_until = old.valid_from, old.valid_until
        row.ended_on, row.end_reason = old.ended_on, old.end_reason
        if row.check_outcome != 'pass':
            elsewhere = old.ended_on is None and (kind, key) in taken
            row.check_outcome = '' if elsewhere else 'pass'
            row.checked_on = None if elsewhere else old.valid_from
            row.checked_by_id = None if elsewhere else old.kept_by_id
        if old.ended_on is None:
            taken.add((kind, key))
        row.save()


class Migration(migrations.Migration):

    dependencies = [
        ('archives', '0017_production_records'),
    ]

    operations = [
        migrations.AddField(
            model_name='licence',
            name='restricted',
            field=models.BooleanField(db_default=False, default=False, help_text='农药经营许可证的许可范围含限制使用农药的才勾选', verbose_name='可经营限制使用农药（定点）'),
        ),
        migrations.RunPython(carry, migrations.RunPython.noop),
        migrations.DeleteModel(
            name='DealerLicence',
        ),
    ]
