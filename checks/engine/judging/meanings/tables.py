"""Tables: models that are none, rows that a table refuses, sessions, and settings."""

import re

from checks.engine.judging.meanings.registry import meaning
from checks.engine.judging.spots import Facts, frame

MAPPED = "a column is written name: Mapped[type], with a colon and a type in the [ ]"
ASKED = "a select only says what you want: db.session.scalars(select) asks for it"
LOOPED = "no post came: a template loops in silence over a name that nobody gave it"
UNSHOWN = (
    "is it in the table (add and commit both did it), and is there a row in what the "
    "template loops over?"
)
COMMITTED = (
    "(what is added to a session, and not committed, goes when the request or the "
    "command ends; what is in a list goes with the app)"
)


def own(facts: Facts) -> list[str]:
    """Return the learner's line that raised."""
    return frame(facts)


@meaning(r"no such table: (\w+)")
@meaning(r"relation \"(\w+)\" does not exist")
def no_table(match: re.Match, facts: Facts) -> list[str]:
    return [
        f"the database has no table {match[1]}",
        *own(facts),
        "db.create_all() makes the tables of all models that are imported by then: has "
        "init-db called it?",
    ]


@meaning(r"no such column: ([\w.]+)")
@meaning(r"table \w+ has no column named (\w+)")
@meaning(r"column ([\w.]+) does not exist")
def no_column(match: re.Match, facts: Facts) -> list[str]:
    return [
        f"the table has no column {match[1]}",
        *own(facts),
        "is the table older than models.py? create_all changes no table that is there: "
        "while learning, delete the file in instance/, and run init-db and seed again",
    ]


@meaning(r"NOT NULL constraint failed: (\w+)\.(\w+_id)\b")
@meaning(r"null value in column \"(\w+)_id\"")
def left_behind(match: re.Match, facts: Facts) -> list[str]:
    """Rows of something that is deleted; the page for this error may break, too."""
    asked = facts.get("exchange") or {}
    if "delete" not in f"{asked.get('path')} {asked.get('method')}".lower():
        return []
    first = "" if match.string.startswith("Pending") else own(facts)
    column = match[0].rpartition(" ")[2]
    return [
        f"{column} got no value",
        *first,
        "rows belong to what is deleted, and are told to belong to nothing: what becomes "
        "of them stands in its relationship, as a cascade",
    ]


@meaning(r"^PendingRollbackError: ")
def broken_session(match: re.Match, facts: Facts) -> list[str]:
    # It quotes the error before it, so it comes before all that know that one.
    said = "an error before this one broke the session: rollback() makes it whole again"
    return [match.string.partition(" (")[0], *own(facts), said]


@meaning(r"UNIQUE constraint failed: \w+\.(\w+)")
@meaning(r"duplicate key value violates unique constraint \"\w+?_(\w+)_key\"")
def there_already(match: re.Match, facts: Facts) -> list[str]:
    lines = [f"a row with this {match[1]} is there already", *own(facts)]
    if match[1] == "id":
        return [*lines, "leave the id out: the table gives each row the next one"]
    return [
        *lines,
        f"unique=True: no two rows have one {match[1]}. Who knows them all?",
    ]


@meaning(r"NOT NULL constraint failed: \w+\.(\w+)")
@meaning(r"null value in column \"(\w+)\"")
def no_value(match: re.Match, facts: Facts) -> list[str]:
    said = (
        "a column may be empty only where its type says `| None`; one that begins with "
        "the same value everywhere gets it by default="
    )
    return [f"the column {match[1]} got no value", *own(facts), said]


@meaning(r"near \"(.+?)\": syntax error")
@meaning(r"unrecognized token: \"(.+?)\"")
@meaning(r"syntax error at or near \"(.+?)\"")
def broken_sql(match: re.Match, facts: Facts) -> list[str]:
    return [
        f"the database cannot read this SQL, near {match[1]}",
        *own(facts),
        "did an f-string put a text into it? what a visitor types is then SQL as well",
    ]


@meaning(r"^DetachedInstanceError: Instance <(\w+)")
def detached(match: re.Match, facts: Facts) -> list[str]:
    return [
        f"this {match[1]} has lost its session, and asks the table in vain",
        *own(facts),
        "an object of a table lives as long as its session: one request. Was that closed, "
        "or was the object kept from another request?",
    ]


@meaning(r"^MappedAnnotationError: Type annotation for \"(\w+)\.(\w+)\"")
def no_mapped(match: re.Match, facts: Facts) -> list[str]:
    return [f"{match[2]} of {match[1]} is no column yet", *own(facts), MAPPED]


@meaning(r"^MappedAnnotationError: .*<class '(\w+)'>.* for the '(\w+)' attribute")
def no_column_type(match: re.Match, facts: Facts) -> list[str]:
    said = "str, int, float, bool and datetime.date have one"
    return [
        f"no type of column belongs to {match[1]}, which {match[2]} asks for",
        *own(facts),
        said,
    ]


@meaning(r"^MappedAnnotationError: .*ForwardRef\('([^']*)'\)")
def no_such_type(match: re.Match, facts: Facts) -> list[str]:
    said = "str, int, float and bool are Python's own; others are imported first"
    return [f"Mapped[ ] names a type {match[1]}, and there is none", *own(facts), said]


@meaning(r"^ArgumentError: Mapper Mapper\[(\w+)\(.*could not assemble any primary key")
def no_key(match: re.Match, facts: Facts) -> list[str]:
    said = "one column of each table is its primary key: which one of Tag is it?"
    return [f"{match[1]} has no primary key", *own(facts), said]


@meaning(r"^InvalidRequestError: Class .*\.(\w+)'> does not have a __table__")
def no_model(match: re.Match, facts: Facts) -> list[str]:
    return [f"{match[1]} is no table", *own(facts), "a table inherits from db.Model"]


@meaning(r"^InvalidRequestError: Table '(\w+)' is already defined")
def two_models(match: re.Match, facts: Facts) -> list[str]:
    return [f"two classes are the table {match[1]}: one is enough", *own(facts)]


@meaning(r"^InvalidRequestError: When initializing mapper .* locate a name \('(\w+)'\)")
def no_such_model(match: re.Match, facts: Facts) -> list[str]:
    said = "a table inherits from db.Model; a relationship names its class in quotes"
    return [f"no model is called {match[1]}", *own(facts), said]


@meaning(
    r"^InvalidRequestError: Mapper 'Mapper\[(\w+)\(\w+\)\]' has no property '(\w+)'"
)
def one_sided(match: re.Match, facts: Facts) -> list[str]:
    said = (
        "back_populates= names the relationship of the other class: look at both sides"
    )
    return [f"{match[1]} has no {match[2]}", *own(facts), said]


@meaning(r"^NoForeignKeysError: .* on relationship (\w+\.\w+) - ")
def no_foreign_key(match: re.Match, facts: Facts) -> list[str]:
    said = (
        "a column of the one table holds the other's id: mapped_column(ForeignKey(…))"
    )
    return [
        f"{match[1]} leads along a ForeignKey, and there is none",
        *own(facts),
        said,
    ]


@meaning(r"^NoReferencedTableError: .*column '([\w.]+)' could not find table '(\w+)'")
def no_table_to_refer_to(match: re.Match, facts: Facts) -> list[str]:
    said = "a table is called as its class in small letters: one tag, table tag"
    return [
        f"the ForeignKey of {match[1]} names a table, and there is no table {match[2]}",
        *own(facts),
        said,
    ]


@meaning(r"^UnmappedInstanceError: Class '(?:builtins\.)?([\w.]+)' is not mapped")
def no_row(match: re.Match, facts: Facts) -> list[str]:
    what = {
        "dict": "a dict came: Post(…) makes a row of it",
        "int": "a number came: the object is meant, not its id",
        "str": "a text came: the object is meant, not what it is called by",
        "NoneType": "None came: nothing was found, and nobody asked whether it was",
        "list": "a list came: add_all( ) takes one, if objects are in it",
    }.get(match[1], f"an object of {match[1]} came")
    return ["a session takes objects that stand for a row", *own(facts), what]


@meaning(r"^TypeError: __init__\(\) takes 1 positional argument but \d were given")
def by_position(match: re.Match, facts: Facts) -> list[str]:
    if not has_models(facts) or not re.search(r"\b[A-Z]\w*\(", "".join(own(facts))):
        return []
    said = "a model takes each column by its name: two stars hand a dict over so"
    return [match.string, *own(facts), said]


@meaning(r"^TypeError: '(\w+)' is an invalid keyword argument for (\w+)")
def no_such_column(match: re.Match, facts: Facts) -> list[str]:
    return [f"{match[2]} has no column {match[1]}", *own(facts), MAPPED]


@meaning(r"^InvalidRequestError: None of the FROM clause .* property \"(\w+)\"")
@meaning(r"^InvalidRequestError: Entity namespace for .* has no property \"(\w+)\"")
@meaning(r"^AttributeError: type object '\w+' has no attribute '(\w+)'")
def no_property(match: re.Match, facts: Facts) -> list[str]:
    if not has_models(facts) or "paginate(" in "".join(own(facts)):
        return []
    if match[1] == "as_view":  # of a view, and no table
        return []
    said = f"no column is called {match[1]}: models.py has the names"
    return [said, *own(facts)]


@meaning(r"^RuntimeError: Either 'SQLALCHEMY_DATABASE_URI' or")
def no_address(match: re.Match, facts: Facts) -> list[str]:
    return [
        "db.init_app found no SQLALCHEMY_DATABASE_URI in app.config",
        *own(facts),
        "it reads that key and no other, once, when it is called: are the settings there "
        "by then?",
    ]


@meaning(r"^RuntimeError: The current Flask app is not registered with this 'SQLAl")
def not_registered(match: re.Match, facts: Facts) -> list[str]:
    return [
        "this db has never got the app that is at work",
        *own(facts),
        "create_app hands the app to db.init_app( ), and there is one SQLAlchemy( ): that "
        "of models.py, which all other files import",
    ]


@meaning(r"^TypeError: Boolean value of this clause is not defined")
def python_operator(match: re.Match, facts: Facts) -> list[str]:
    said = "and, or, not and if are Python's: db.or_( ) and db.and_( ) join conditions"
    return ["a condition for the table has no truth of its own", *own(facts), said]


@meaning(r"^NotImplementedError: Operator '(contains|getitem)' is not supported")
def python_in(match: re.Match, facts: Facts) -> list[str]:
    said = "a column is no text: what the table should look for is a method of it"
    return [match.string, *own(facts), said]


@meaning(r"^TypeError: Select\.(filter_by|where)\(\) ")
def name_or_comparison(match: re.Match, facts: Facts) -> list[str]:
    said = "filter_by takes names, slug=…, and where takes comparisons, Post.slug == …"
    return [match.string, *own(facts), said]


@meaning(r"^ArgumentError: SQL expression for WHERE/HAVING role expected")
def no_condition(match: re.Match, facts: Facts) -> list[str]:
    said = "a condition compares a column, such as Post.slug, with something"
    return ["this is no condition for a table", *own(facts), said]


@meaning(r"^AttributeError: '(Select|ScalarResult|Result)' object has no attribute")
def not_asked(match: re.Match, facts: Facts) -> list[str]:
    said = ASKED if match[1] == "Select" else "a result is no list: .all() makes one"
    return [match.string, *own(facts), said]


@meaning(r"^AttributeError: '\w+' object has no attribute '(all|limit)'")
@meaning(r"^AttributeError: type object '\w+' has no attribute '(limit)'")
def one_or_many(match: re.Match, facts: Facts) -> list[str]:
    source = "".join(own(facts))
    if ".scalar(" in source:
        said = "scalar( ) gives one object, scalars( ) all of them"
    elif "paginate(" in source:
        said = (
            "db.paginate( ) takes the select, and asks for the posts of its page itself"
        )
    else:
        return []
    return [match.string, *own(facts), said]


@meaning(r"^AttributeError: (scalars?|execute|add|add_all|delete|commit)$")
def of_the_session(match: re.Match, facts: Facts) -> list[str]:
    if not re.search(rf"\bdb\.{match[1]}\(", "".join(own(facts))):
        return []
    return [f"db has no {match[1]}: it is a method of db.session", *own(facts)]


@meaning(r"^TypeError: scoped_session\.remove\(\) takes")
def removed(match: re.Match, facts: Facts) -> list[str]:
    said = "remove() ends the whole session; another method takes one object out"
    return [match.string, *own(facts), said]


@meaning(r"^(NoResultFound|MultipleResultsFound): (.+)")
def not_one(match: re.Match, facts: Facts) -> list[str]:
    said = (
        "one() wants exactly one row, and raises this otherwise; a visitor wants a 404"
    )
    return [match.string, *own(facts), said]


@meaning(r"^TypeError: Object of type (\w+) is not JSON serializable")
def row_as_json(match: re.Match, facts: Facts) -> list[str]:
    if not has_models(facts) or match[1] not in ("Post", "Tag", "User", "Comment"):
        return []
    said = f"an object of {match[1]} is a row of a table; JSON knows dicts and lists"
    return [match.string, *own(facts), said]


@meaning(r"^NoSuchModuleError: Can't load plugin: sqlalchemy\.dialects:(\S+)")
@meaning(r"^ArgumentError: Could not parse SQLAlchemy URL")
def no_dialect(match: re.Match, facts: Facts) -> list[str]:
    said = "it begins with sqlite:// or postgresql+psycopg:// here"
    return ["SQLAlchemy cannot read the address of the database", *own(facts), said]


@meaning(r"^OperationalError: .*unable to open database file")
def no_file(match: re.Match, facts: Facts) -> list[str]:
    said = "is its folder there? a relative path counts from the folder instance"
    return ["the file of the database cannot be opened", *own(facts), said]


@meaning(r"^OverflowError: Python int too large to convert to SQLite INTEGER")
def too_many_digits(match: re.Match, facts: Facts) -> list[str]:
    return ["no column holds a number with so many digits", *own(facts)]


def has_models(facts: Facts) -> bool:
    """Has the lesson got so far that posts are rows?"""
    return "blog/models.py" in (facts.get("files") or ())


def tables(facts: Facts) -> list[str]:
    """Say what may be lost where a check looked for what was kept, and found none."""
    rule = str(facts.get("rule"))
    if facts.get("crash"):
        return []
    if re.search(r"the app began again|no table in it has a row", rule):
        return [COMMITTED]
    if "wrote this comment" in rule:
        return [UNSHOWN]
    nothing = facts.get("got") == "[]" and "posts a page, newest first" in rule
    return [LOOPED] if nothing else []
