"""Tracking numbers told over the wire, and whether a shop delivers its orders by itself."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0002_sync'),
        ('trade', '0010_orders_that_changed'),
    ]

    operations = [
        migrations.AddField(
            model_name='connection',
            name='listening',
            field=models.CharField(blank=True, choices=[('waiting', 'Being asked'), ('on', 'Orders come in by themselves'), ('off', 'Orders do not come in by themselves')], max_length=8, verbose_name='orders come in by themselves'),
        ),
        migrations.AddField(
            model_name='connection',
            name='listening_problem',
            field=models.CharField(blank=True, max_length=300, verbose_name='why they do not'),
        ),
        migrations.AddField(
            model_name='connection',
            name='tells_customers',
            field=models.BooleanField(default=False, verbose_name='the shop mails tracking numbers to customers'),
        ),
        migrations.CreateModel(
            name='Fulfilment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('courier', models.CharField(blank=True, max_length=20, verbose_name='courier')),
                ('tracking_number', models.CharField(blank=True, max_length=60, verbose_name='tracking number')),
                ('external_ids', models.JSONField(blank=True, default=list, verbose_name='ids there')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('done', 'Done'), ('failed', 'Stopped')], default='waiting', max_length=8, verbose_name='state')),
                ('failures', models.PositiveSmallIntegerField(default=0, verbose_name='attempts in vain')),
                ('not_before', models.DateTimeField(blank=True, null=True, verbose_name='goes on at')),
                ('problem', models.CharField(blank=True, max_length=300, verbose_name='problem')),
                ('channel', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='fulfilments', to='channels.channel', verbose_name='channel')),
                ('shipment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='fulfilment', to='trade.shipment', verbose_name='shipment')),
            ],
            options={
                'verbose_name': 'parcel told over the wire',
                'verbose_name_plural': 'parcels told over the wire',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['channel', '-id'], name='fulfilment_channel'), models.Index(condition=models.Q(('state', 'waiting')), fields=['not_before'], name='fulfilment_waiting')],
            },
        ),
    ]
