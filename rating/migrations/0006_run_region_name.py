"""A run names its division in words, as they were when it started."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The column, filled for the runs that are there."""

    dependencies = [("rating", "0005_scheme_desk"), ("archives", "0004_idle")]

    operations = [
        migrations.AddField(
            model_name="ratingrun",
            name="region_name",
            field=models.CharField(blank=True, default="", max_length=240, verbose_name="行政区划"),
        ),
        migrations.RunSQL(
            "UPDATE rating_ratingrun run SET region_name = coalesce(nullif(r.full_name, ''), r.name)"
            " FROM archives_region r WHERE r.code = run.region_code",
            migrations.RunSQL.noop,
        ),
    ]
