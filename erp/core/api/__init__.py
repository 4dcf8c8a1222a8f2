"""The floor of the REST API: errors, pages, parsers, log-in and the base of every view.

Empty on purpose: REST framework imports some of these modules while it is itself being imported.
"""
