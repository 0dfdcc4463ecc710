"""A batch follows a procedure of its producer's file: what stood there as text becomes one."""

import django.db.models.deletion
from django.db import migrations, models

# A text that names a procedure on file (by its title, or title and version) is that one; any other becomes one,
# in force since the first batch that named it.
CARRY = """
    INSERT INTO archives_procedure (producer_id, entered_by_id, entered_at, ended_on, end_reason, product_id,
        title, version, standard, in_force_on, steps)
    SELECT b.producer_id, NULL, now(), NULL, '', NULL, trim(b.sop), '1', '', min(b.occurred_on), ''
    FROM archives_productionbatch b
    WHERE trim(b.sop) <> '' AND NOT EXISTS (SELECT 1 FROM archives_procedure p
        WHERE p.producer_id = b.producer_id AND trim(b.sop) IN (p.title, p.title || ' ' || p.version))
    GROUP BY b.producer_id, trim(b.sop);
    UPDATE archives_productionbatch b SET procedure_id = (
        SELECT p.id FROM archives_procedure p
        WHERE p.producer_id = b.producer_id AND trim(b.sop) IN (p.title, p.title || ' ' || p.version)
        ORDER BY p.in_force_on <= b.occurred_on DESC, p.in_force_on DESC, p.id DESC LIMIT 1)
    WHERE trim(b.sop) <> '';
    SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('archives', '0019_licence_rules'),
    ]

    operations = [
        migrations.AddField(
            model_name='productionbatch',
            name='procedure',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='archives.procedure', verbose_name='操作规程'),
        ),
        migrations.RunSQL(CARRY, migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name='productionbatch',
            name='sop',
        ),
    ]
