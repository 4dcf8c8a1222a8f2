"""The indexes along which clients with copies ask what changed of listings and orders."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels", "0001_marketplaces")]

    operations = [
        migrations.AddIndex("channellisting", models.Index(fields=["updated_at", "id"], name="listing_updated")),
        migrations.AddIndex("channelorder", models.Index(fields=["updated_at", "id"], name="channel_order_updated")),
    ]
