"""The workbook's commands: words in, exit code out.

0: done. 1: your code is not done yet. 2: your set-up, or words that mean nothing.
3: the workbook itself is broken. This file is also read by Pythons that are too old
for everything else, so it is written for 3.6 and looks at the version first.
"""

import os
import sys

OLDEST = (3, 11)
NEWER = ["python3.14", "python3.13", "python3.12", "python3.11"]
INSIST = 10  # seconds until an end that was asked for is asked for again


def use_a_newer_python(words):
    """Go on with a Python that is new enough, or say in a sentence that none is there."""
    import shutil
    import subprocess

    test = "import sys; sys.exit(sys.version_info < (3, 11))"
    for name in NEWER:
        python = shutil.which(name)
        if python and subprocess.call([python, "-c", test], stderr=-3) == 0:
            os.execv(python, [python, "-m", "checks.engine"] + words)
    sys.stderr.write(
        "The workbook needs Python 3.11 or newer; this is Python {}.{}. "
        "python.org/downloads has it.\n".format(*sys.version_info)
    )
    return 2


def main(words):
    """Do what the words say and return the exit code."""
    stop_with_the_terminal()
    try:
        from checks.engine import menu

        code = menu.run(words)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        tell("\nStopped.")
        return 130
    except BrokenPipeError:
        # Whoever read along has gone; Python itself would complain of it at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except Exception as error:
        return explain(error)


def stop_with_the_terminal():
    """Take a closed window or a request to end as Ctrl-C, so that nothing is left.

    Python drops an exception that meets a finalizer, so each comes again until the end.
    """
    import signal

    from checks.engine import stopping

    def stop(number, frame):
        signal.alarm(INSIST)
        stopping.interrupt()

    sys.unraisablehook = unless_stopped
    usual = (signal.SIG_DFL, signal.default_int_handler)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        if signal.getsignal(number) in usual:
            signal.signal(number, stop)


def unless_stopped(told):
    """Print what Python cannot raise, but no interrupt: that one comes again."""
    if told.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(told)


def explain(error):
    """Say what went wrong in a sentence; return 2 for a set-up, 3 for a fault of ours."""
    from checks.engine.lessons import WorkbookError

    if isinstance(error, WorkbookError):
        tell(str(error))
        return error.code
    if os.environ.get("WORKBOOK_DEBUG"):
        import traceback

        traceback.print_exc()
        return 3
    text = "\n    ".join(str(error).strip().splitlines()[-12:])
    name = type(error).__name__
    tell("The workbook itself failed, which is not your fault:")
    tell("    " + name + ": " + text[:2000])
    tell("WORKBOOK_DEBUG=1 in front of the command shows where; please report it.")
    return 3


def tell(line):
    """Print a line for a person, beside the command's own output."""
    try:
        encoding = sys.stderr.encoding or "ascii"
        line = line.encode(encoding, "replace").decode(encoding)
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except OSError:
        pass  # the terminal is gone


def leave(code):
    """End with this exit code, and without the interpreter's own good-byes.

    They cost 20 ms, and where Ctrl-C met an import that runs code from a text (every
    dataclass does) they would end the process by the signal, though it was handled.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass  # whoever read along has gone
    os._exit(code)


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        sys.exit(use_a_newer_python(sys.argv[1:]))
    leave(main(sys.argv[1:]))
