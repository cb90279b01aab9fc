"""The libraries of the later lessons, which are imported when a lesson names them."""

# What a file that names one of these imports, and what that imports late.
LIBRARIES = {
    "flask_wtf": ["flask_wtf", "wtforms"],
    "flask_sqlalchemy": [
        "flask_sqlalchemy",
        "sqlalchemy.dialects.sqlite",
        "sqlalchemy.ext.associationproxy",
    ],
}
