"""The house's rules: four parts a lesson, one number for a step, words that agree."""

import ast
import difflib
import re
import subprocess

import pytest

from checks.engine.lessons import LESSONS as LESSON_FOLDER
from checks.engine.lessons import NAME, SOLUTIONS, TOP, find
from checks.engine.menu import COMMANDS
from checks.engine.pictures import MOST_BYTES, PICTURES, wanted
from checks.engine.tests.content import CASES, LESSONS, solution_files, starter_files

VISIBLE = {
    "lessons",
    "solutions",
    "notebooks",
    "checks",
    "Makefile",
    "requirements.txt",
    "README.md",
}
TODO = re.compile(r"TODO (\d+): (.+?)\s*(?:-->|#\})?$", re.MULTILINE)
HEADING = re.compile(r"^## Step (\d+): (.+)$", re.MULTILINE)
NEAR = 8
DELETE = " (delete this file)"


def text(*parts):
    return (TOP.joinpath(*parts)).read_text(encoding="utf-8")


def committed():
    """Return the files that git knows; a learner's own notes beside them are free."""
    command = ["git", "ls-files"]
    listing = subprocess.run(
        command, cwd=TOP, capture_output=True, text=True, check=True
    )
    return listing.stdout.splitlines()


def tracked(*patterns):
    """Return the files that git knows, or will know."""
    command = [
        "git",
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        *patterns,
    ]
    listing = subprocess.run(
        command, cwd=TOP, capture_output=True, text=True, check=True
    )
    return [line for line in listing.stdout.splitlines() if (TOP / line).exists()]


def test_the_visible_top_level_is_fixed():
    seen = {path.split("/")[0] for path in committed() if not path.startswith(".")}
    assert seen == VISIBLE, (
        f"move {sorted(seen ^ VISIBLE)} to where it belongs, or bring it back"
    )


def test_every_lesson_has_its_four_parts_and_nothing_is_stray():
    solutions = {p.name for p in SOLUTIONS.iterdir() if p.is_dir()}
    checks = {p.stem.removeprefix("test_") for p in (TOP / "checks").glob("test_*.py")}
    notebooks = {p.stem for p in (TOP / "notebooks").glob("*.ipynb")}
    cases = {p.stem for p in CASES.glob("*.toml")}
    folders = {p.name for p in LESSON_FOLDER.iterdir() if p.is_dir()}
    for part, names in {
        "lessons/": folders,
        "solutions/": solutions,
        "checks/test_….py": checks,
        "notebooks/….ipynb": notebooks,
        "checks/cases/….toml": cases,
    }.items():
        assert names == set(LESSONS), (
            f"{part}: {sorted(names ^ set(LESSONS))} has no counterpart"
        )
    numbers = [find(name).number for name in LESSONS]
    assert numbers == list(range(1, len(LESSONS) + 1)), (
        "lessons are numbered without a gap"
    )
    assert all(NAME.fullmatch(name) for name in LESSONS)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lessons_folder_holds_its_texts(name):
    for path in ("README.md", "hints.md"):
        assert (LESSON_FOLDER / name / path).is_file(), f"write lessons/{name}/{path}"
    assert (SOLUTIONS / name / "NOTES.md").is_file(), f"write solutions/{name}/NOTES.md"


@pytest.mark.parametrize("name", LESSONS)
def test_step_numbers_and_titles_agree_everywhere(name):
    steps = [(str(step.number), step.title) for step in find(name).steps]
    assert [number for number, _ in steps] == [str(n + 1) for n in range(len(steps))]
    assert HEADING.findall(text("lessons", name, "hints.md")) == steps, (
        "hints.md differs"
    )
    places = places_of(name)
    wanted = [(number, title + ".") for number, title in steps]
    assert sorted(places) == wanted, (
        f"lessons/{name}: a TODO for every step, its title word for word"
    )
    sections = re.split(r"^## ", text("lessons", name, "README.md"), flags=re.MULTILINE)
    for (number, _), paths in places.items():
        assert len(paths) == len({*paths}), f"one TODO {number} in {sorted(paths)}"
        section = next(s for s in sections if s.startswith(f"Step {number}: "))
        missing = [p for p in paths if len(paths) > 1 and f"`{p}`" not in section]
        assert not missing, f"lessons/{name}/README.md: step {number} names {missing}"
    marks = set(re.findall(r"mark\.step\((\d+)\)", text("checks", f"test_{name}.py")))
    assert marks == {number for number, _ in steps}, f"checks/test_{name}.py: marks"


def places_of(name):
    """Return the files that hold the TODO of a step: (number, title) to paths."""
    places = {}
    for path, content in starter_files(name).items():
        for number, title in TODO.findall(content.decode("utf-8", "replace")):
            title = title.removesuffix(DELETE)
            places.setdefault((number, title), []).append(path)
    return places


@pytest.mark.parametrize("name", LESSONS)
def test_starter_and_solution_differ_only_at_todos(name):
    starter, solution = starter_files(name), solution_files(name)
    for path in sorted(starter.keys() | solution.keys()):
        before = lines_of(starter.get(path, b""))
        after = lines_of(solution.get(path, b""))
        assert not TODO.search("\n".join(after)), (
            f"solutions/{name}/{path} has a TODO left"
        )
        if before and "TODO" in before[0]:
            assert path in solution or before[0].endswith(DELETE), path
            continue
        assert path in starter, f"solutions/{name}/{path} has no TODO in the starter"
        assert path in solution, f"solutions/{name} has no {path}: say so in its TODO"
        for line in unexplained(before, after):
            pytest.fail(
                f"lessons/{name}/{path}:{line} differs from the solution far from a TODO"
            )


def lines_of(content):
    """Return the lines of a file; a picture has some too, if strange ones."""
    return content.decode("utf-8", "replace").splitlines()


def unexplained(before, after):
    """Return the starter's lines that differ from the solution with no TODO near."""
    todos = [number for number, line in enumerate(before) if "TODO" in line]
    for tag, start, end, _, _ in difflib.SequenceMatcher(
        None, before, after, False
    ).get_opcodes():
        near = range(start - NEAR, end + NEAR + 1)
        if tag != "equal" and not any(todo in near for todo in todos):
            yield start + 1


@pytest.mark.parametrize("name", LESSONS)
def test_every_step_has_three_rungs_and_none_is_the_answer(name):
    hints = text("lessons", name, "hints.md")
    sections = re.split(r"^## Step \d+: .+$", hints, flags=re.MULTILINE)[1:]
    for number, section in enumerate(sections, 1):
        rungs = re.findall(r"^(\d)\. ", section, re.MULTILINE)
        assert rungs == ["1", "2", "3"], (
            f"lessons/{name}/hints.md step {number}: three rungs"
        )
    for line in answer_lines(name):
        assert line not in hints, (
            f"lessons/{name}/hints.md gives the answer away: {line}"
        )


def answer_lines(name):
    """Return the lines that only the solution has, long enough to be an answer."""
    starter, solution = starter_files(name), solution_files(name)
    for path, content in solution.items():
        given = {line.strip() for line in lines_of(starter.get(path, b""))}
        for line in lines_of(content):
            if len(line.strip()) > 14 and line.strip() not in given:
                yield line.strip()


@pytest.mark.parametrize("name", LESSONS)
def test_code_fenced_under_a_file_name_occurs_in_that_file(name):
    readme = text("lessons", name, "README.md")
    pattern = r"^`([\w./]+\.\w+)`:\n+```\w*\n(.*?)^```"
    for path, code in re.findall(pattern, readme, re.MULTILINE | re.DOTALL):
        versions = [starter_files(name), solution_files(name)]
        found = [code.strip().encode() in files.get(path, b"") for files in versions]
        assert any(found), (
            f"lessons/{name}/README.md quotes what is not in {path}:\n{code}"
        )


@pytest.mark.parametrize("name", LESSONS)
def test_the_readme_prints_every_address_that_a_check_reads(name):
    readme = text("lessons", name, "README.md")
    for address in sorted(addresses(text("checks", f"test_{name}.py"))):
        assert address in readme, (
            f"lessons/{name}/README.md must name the address {address}"
        )


def addresses(source):
    """Return the beginnings of the paths that a file of checks asks for."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            match = re.fullmatch(r"(/[a-z][\w.-]*(?:/(?=[\w<{]|$))?).*", node.value)
            if match and " " not in node.value:
                yield match[1].rstrip("/") or "/"


@pytest.mark.parametrize("name", LESSONS)
def test_checks_are_plain_flask_tests(name):
    tree = ast.parse(text("checks", f"test_{name}.py"))
    imported = {
        module.split(".")[0] if module != "checks.pages" else module
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in (
            [node.module] if isinstance(node, ast.ImportFrom) else names(node)
        )
    }
    forbidden = imported & {"checks", "flask", "unittest", "mock"}
    assert not forbidden, (
        f"checks/test_{name}.py imports {forbidden}: fixtures bring the app"
    )
    assert ast.get_docstring(tree), f"checks/test_{name}.py: say what the lesson asks"


@pytest.mark.parametrize("name", LESSONS[6:])
def test_a_lesson_shows_its_finished_page(name):
    line = wanted(find(name))
    assert line, f"lessons/{name}/README.md shows no picture; see pictures.LINE"
    assert line["file"] == f"{name}.png"
    picture = PICTURES / line["file"]
    assert picture.is_file(), f"`make pictures {name}` draws it"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size <= MOST_BYTES, f"{picture.name} is too large"


def names(node):
    return [alias.name for alias in node.names]


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_leads_on(name):
    readme = text("lessons", name, "README.md")
    assert readme.startswith(f"# {find(name).number} · "), (
        "the first line is `# N · Title`"
    )
    assert f"../../notebooks/{name}.ipynb" in readme, "link the notebook"
    at = LESSONS.index(name)
    for neighbour in LESSONS[max(0, at - 1) : at] + LESSONS[at + 1 : at + 2]:
        assert f"../{neighbour}/README.md" in readme, f"link {neighbour}"


PAGES = [path for path in tracked("*.md") if path.endswith(".md")]


@pytest.mark.parametrize("page", PAGES)
def test_local_links_resolve(page):
    folder = (TOP / page).parent
    targets = re.findall(
        r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text(page), flags=re.DOTALL)
    )
    for target in targets:
        if re.match(r"https?://|mailto:|#", target):
            continue
        assert (folder / target.partition("#")[0]).exists(), (
            f"{page}: {target} leads nowhere"
        )


def test_no_file_names_a_path_of_one_machine():
    for path in tracked(
        "*.py", "*.md", "*.toml", "*.ipynb", "Makefile", "*.txt", ".ci/*"
    ):
        content = text(path)
        found = re.search(
            r"(?<![\w.])/(?:root|home/\w+|Users/\w+|work|farm)/\S*", content
        )
        assert not found, f"{path} names {found[0]}"


def test_the_readmes_table_lists_every_lesson():
    readme = text("README.md")
    for name in LESSONS:
        number, title = find(name).number, find(name).title
        start = f"| {number} | [{title}](lessons/{name}/README.md) |"
        assert start in readme, f"README.md: a row that begins {start}"
        assert f"](notebooks/{name}.ipynb) |" in readme, f"README.md: link {name}.ipynb"
    rows = re.findall(r"^\| \d+ \| \[.+\]\(lessons/(\w+)/", readme, re.MULTILINE)
    assert rows == LESSONS


def test_the_readmes_commands_are_those_that_exist():
    listed = re.findall(
        r"^\| `make (.+?)` \| (.+?) \|$", text("README.md"), re.MULTILINE
    )
    assert listed == [(c.usage, c.text) for c in COMMANDS.values()]


def test_the_makefile_has_a_target_for_every_command():
    makefile = text("Makefile")
    assert len(makefile.splitlines()) <= 80
    targets = set(re.findall(r"^([a-z-]+): ", makefile, re.MULTILINE))
    assert targets == set(COMMANDS)


def test_requirements_are_pinned_exactly_and_agree_with_the_constraints():
    constraints = dict(
        re.findall(r"^([\w.-]+)==(\S+)", text("checks", "constraints.txt"), re.M)
    )
    for line in text("requirements.txt").splitlines():
        if line and not line.startswith("#"):
            name, _, version = line.partition(" ;")[0].partition("==")
            name = name.partition("[")[0]  # without its extras
            assert constraints[name.lower()] == version, f"requirements.txt: {line}"


def test_the_page_helper_is_the_same_wherever_a_learner_meets_it():
    copies = {
        f"{side}/{name}": files["page.py"]
        for name in LESSONS
        for side, files in (
            ("lessons", starter_files(name)),
            ("solutions", solution_files(name)),
        )
        if "page.py" in files
    }
    assert copies
    first = next(iter(copies.values()))
    others = [place for place, content in copies.items() if content != first]
    assert not others, f"page.py differs in {others}: it is given, and one for all"
