"""The rules of licences to trade, once the rows are in: a transaction that wrote rows cannot add constraints."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('archives', '0018_licences_to_trade'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='licence',
            constraint=models.UniqueConstraint(condition=models.Q(('check_outcome', 'pass'), ('ended_on__isnull', True), ('kind__in', ('pesticide_sale', 'veterinary_sale', 'seed'))), fields=('kind', 'number_key'), name='licence_to_trade_is_one_shops', violation_error_message='这个许可证号已经登记在另一家名下，请先核对。'),
        ),
        migrations.AddConstraint(
            model_name='licence',
            constraint=models.CheckConstraint(condition=models.Q(('restricted', False), ('kind', 'pesticide_sale'), _connector='OR'), name='licence_restricted_is_for_pesticides', violation_error_message='只有农药经营许可证才能含限制使用农药。'),
        ),
    ]
