"""The writer: one form for every notebook, the same bytes whenever it is run."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from checks.engine import notebooks
from checks.engine.lessons import WorkbookError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "FOLDER", tmp_path)
    return tmp_path


def test_the_form_has_nothing_of_a_kernel_an_editor_or_a_moment():
    output = new_output("stream", text="hi\n")
    cell = new_code_cell("1", outputs=[output], execution_count=17)
    cell.metadata = {"tags": ["hide-output"], "scrolled": True, "collapsed": False}
    metadata = {
        "language_info": {"name": "python", "version": "3.11.7"},
        "kernelspec": {"name": "mine", "display_name": "Mine"},
    }
    book = new_notebook(cells=[new_markdown_cell("# Hi"), cell], metadata=metadata)
    form = nbformat.reads(notebooks.text_of(book), as_version=4)
    assert form.metadata == notebooks.METADATA
    assert form.cells[1].execution_count == 1
    assert form.cells[1].metadata == {
        "jupyter": {"outputs_hidden": True},
        "tags": ["hide-output"],
    }


def test_the_form_of_the_form_is_itself():
    book = new_notebook(cells=[new_code_cell("1"), new_code_cell("1")])
    once = notebooks.text_of(book)
    again = nbformat.reads(once, as_version=4)
    assert notebooks.text_of(again) == once
    assert len({cell.id for cell in again.cells}) == 2


def test_an_id_changes_only_with_its_own_cell():
    def ids(*sources):
        taken = set()
        return [notebooks.identity("code", source, taken) for source in sources]

    assert ids("a", "b", "c")[2] == ids("new", "c")[1]


def test_a_notebook_is_built_run_and_stored_and_its_script_builds_it_again(folder):
    path = folder / "01_x.ipynb"
    cells = [
        notebooks.md('# "Hi"'),
        notebooks.code('x = 1+1\nprint(r"""\n""")\nx', "hide-output"),
    ]
    notebooks.save("01_x", cells)
    stored = notebooks.read(path)
    assert stored.cells[1].source == 'x = 1 + 1\nprint(r"""\n""")\nx'
    assert stored.cells[1].outputs[1].data == {"text/plain": "2"}
    before = path.read_bytes()
    exec(notebooks.script(path), {})
    assert path.read_bytes() == before


@pytest.mark.parametrize("word", ["1", "hello", "notebooks/01_hello.ipynb"])
def test_a_notebook_is_named_as_its_lesson(word, capsys):
    assert notebooks.main(["script", word]) == 0
    assert 'save("01_hello", [' in capsys.readouterr().out


@pytest.mark.parametrize("words", [["99"], ["script", "99"], ["script"]])
def test_a_notebook_of_no_lesson_costs_a_sentence(words, capsys):
    assert notebooks.main(words) != 0
    assert "There is no lesson" in capsys.readouterr().err


def test_a_changed_output_is_told_as_a_diff_and_stored_once(folder):
    path = folder / "01_x.ipynb"
    book = new_notebook(cells=[notebooks.code("print('new')")])
    path.write_text(notebooks.text_of(book))
    assert '+      "new\\n"' in notebooks.differences([path])["01_x.ipynb"]
    assert notebooks.write([path]) == [path]
    assert notebooks.write([path]) == []


def test_code_that_ruff_refuses_is_no_notebook(folder):
    with pytest.raises(WorkbookError, match="Ruff objects to 01_x.ipynb"):
        notebooks.save("01_x", [notebooks.code("print(undefined_name)")])


@pytest.mark.long
def test_running_them_again_gives_the_same_bytes():
    different = notebooks.differences()
    assert not different, (
        "`python -m checks.engine.notebooks` stores what is new, if it is right:\n"
        + "\n".join(different.values())
    )
