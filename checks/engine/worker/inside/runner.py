"""Run a learner's command in a fresh Python, on a port that is free.

`python app.py` takes port 5000 whatever the environment says, so the port is set
where every way of starting passes: werkzeug's run_simple.
"""

import os
import runpy
import sys
from importlib import machinery

HERE = os.path.dirname(os.path.abspath(__file__))
PORT = os.environ.get("WORKBOOK_PORT")
CRASH = os.environ.get("WORKBOOK_CRASH")
HASHING = os.environ.pop("WORKBOOK_HASHING", None)
LEASH = os.environ.pop("WORKBOOK_LEASH", None)


def move_the_port() -> None:
    """Make every development server listen on the port that was set from outside."""
    import werkzeug.serving

    real = werkzeug.serving.run_simple

    def run_simple(hostname, port, application, *args, **kwargs):
        if CRASH and hasattr(application, "add_url_rule"):
            application.add_url_rule(CRASH, "crash_on_purpose", crash_on_purpose)
        return real("127.0.0.1", int(PORT), application, *args, **kwargs)

    # app.run() takes the one, the flask command the other.
    werkzeug.serving.run_simple = werkzeug.run_simple = run_simple


def leave_colours_to_terminals() -> None:
    """Keep the server's own colours out of pipes and files, and off with NO_COLOR."""
    import werkzeug.serving

    if os.environ.get("NO_COLOR") or not sys.stderr.isatty():
        werkzeug.serving._log_add_style = False


def run_gunicorn(words: list[str]) -> None:
    """Do what `gunicorn …` would do, on our port where nothing names one.

    A gunicorn.conf.py names one: it may take it from PORT, which is ours, too.
    """
    from gunicorn.app.wsgiapp import run

    if PORT and not os.path.isfile("gunicorn.conf.py"):
        os.environ["GUNICORN_CMD_ARGS"] = f"--bind 127.0.0.1:{PORT}"
    sys.argv = words
    run()


def crash_on_purpose():
    """Be the address that always crashes."""
    raise RuntimeError("this address crashes on purpose")


class Uncached(machinery.SourceFileLoader):
    """Import from the source alone.

    Two saves of one length within a second have the same size and time, so the
    bytecode of the first would pass for that of the second.
    """

    def get_code(self, fullname):
        """Return the code of the source as it is now."""
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def import_from_source() -> None:
    """Have the modules of the current folder, the learner's, imported by Uncached."""
    home = os.getcwd()
    finder = machinery.FileFinder.path_hook(
        (machinery.ExtensionFileLoader, machinery.EXTENSION_SUFFIXES),
        (Uncached, machinery.SOURCE_SUFFIXES),
    )

    def hook(path):
        if os.path.abspath(path or ".") != home and not path.startswith(home + os.sep):
            raise ImportError("not the learner's")
        return finder(path)

    sys.path_hooks.insert(0, hook)
    sys.path_importer_cache.clear()


def end_with_the_owner(leash: int) -> None:
    """End this process's group when the other end of a pipe is closed, even by a kill."""
    import signal
    import threading

    def wait():
        os.read(leash, 1)
        os.killpg(0, signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def main(words: list[str]) -> None:
    """Do what `python …`, `flask …` or `gunicorn …` would do with these words."""
    if sys.path and os.path.abspath(sys.path[0]) == HERE:
        del sys.path[0]
    import_from_source()
    if HASHING:
        runpy.run_path(HASHING)["hash_quickly"]()
    if LEASH:
        end_with_the_owner(int(LEASH))
    if PORT:
        move_the_port()
    if words[0] == "gunicorn":
        run_gunicorn(words)
    elif words[0] == "flask":
        leave_colours_to_terminals()
        import flask.cli

        sys.argv = words
        flask.cli.main()
    elif words[0] == "-m":
        sys.argv = words[1:]
        sys.path.insert(0, os.getcwd())
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    elif words[0] == "-c":
        sys.argv = ["-c", *words[2:]]
        sys.path.insert(0, "")
        exec(compile(words[1], "<string>", "exec"), {"__name__": "__main__"})
    else:
        sys.argv = words
        sys.path.insert(0, os.path.dirname(os.path.abspath(words[0])))
        runpy.run_path(words[0], run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
