"""How gunicorn serves the blog: type gunicorn in this folder, and no word more."""

import os

wsgi_app = "wsgi:app"
# Nobody but a proxy on this machine talks to gunicorn.
bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
# How many processes serve: WEB_CONCURRENCY, which gunicorn reads itself.
accesslog = "-"
access_log_format = '%(h)s "%(r)s" %(s)s %({x-request-id}o)s'
