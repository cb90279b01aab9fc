"""The posts of the blog: yours to change, and they travel on with you."""

import datetime

POSTS = [
    {
        "id": 1,
        "slug": "first-cup",
        "title": "First cup",
        "author": "Ada",
        "date": datetime.date(2026, 1, 12),
        "tags": ["tea", "beginnings"],
        "summary": "Why this blog begins with a kettle.",
        "body": "Water first, then patience, then the leaves.",
        "tips": 3.5,
    },
    {
        "id": 2,
        "slug": "reading-a-traceback",
        "title": "Reading a traceback",
        "author": "Linus",
        "date": datetime.date(2026, 2, 3),
        "tags": ["python", "debugging"],
        "summary": "Start at the last line and walk up.",
        "body": "The last line says what, the line above says where.",
        "tips": 12,
    },
    {
        "id": 3,
        "slug": "tea-and-biscuits",
        "title": "Tea & biscuits <for two>",
        "author": "Ada",
        "date": None,
        "tags": ["tea", "salt & sugar"],
        "summary": "A draft with characters that HTML cares about.",
        "body": "Some <b>titles</b> are not HTML, they only look like it.",
        "tips": 1200,
    },
]
