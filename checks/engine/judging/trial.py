"""One check's run: the processes it starts, and what went over the wire."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from checks.engine.judging.code import Code
from checks.engine.judging.unseen import Unseen, posts_file
from checks.engine.worker import claims
from checks.engine.worker.process import Lost, Process
from checks.engine.worker.remote import MOST_PRINTED, Proxy, RemoteApp, Server

if TYPE_CHECKING:
    from checks.engine.judging.suite import Suite

COMMAND_SECONDS = 10.0


@dataclass(frozen=True)
class Finished:
    """A command that has ended: its exit code (None if it had to be ended) and output."""

    command: str
    exit_code: int | None
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """All that it printed."""
        return self.stdout + self.stderr


def typed(command: Sequence[str]) -> str:
    """Return a command as a person types it: a word with blanks stands in quotes."""
    return " ".join(shlex.quote(word) if " " in word else word for word in command)


class Trial:
    """What the fixtures of one check share.

    code is the learner's, lesson is the folder it is shown under, seed is the text
    that unseen data is drawn from. several says that the check has more cases than this
    one, which may ask for the same app.
    """

    def __init__(self, code: Code, lesson: str, seed: str, several: bool = False):
        self.code, self.lesson, self.seed = code, lesson, seed
        self.several = several
        self.processes: list[Process] = []
        self.finished: list[Finished] = []
        self.servers: list[Server] = []
        self.own: list[str] = []
        self.added: list[str] = []  # addresses that the app itself does not have

    def process(
        self, env: Mapping | None = None, files: Mapping | None = None
    ) -> Process:
        """Start a process with the learner's files, some of them replaced."""
        return self.keep(self.code.process(env, files))

    def keep(self, process: Process) -> Process:
        """Remember a process, to end it with this check."""
        self.processes.append(process)
        return process

    def make_app(
        self,
        *,
        env: Mapping[str, str] | None = None,
        config: Mapping | None = None,
        posts: list[dict] | None = None,
        dotenv: Mapping[str, str] | None = None,
        crash: str | None = None,
        instance: Mapping[str, bytes] | None = None,
    ) -> RemoteApp:
        """Make the lesson's app in a new process; see the fixture ``make_app``."""
        if posts is not None:
            self.own.append("posts")
        if env or config or dotenv:
            self.own.append("settings")
        if crash:
            self.added.append(crash)
        files = self.others(posts, dotenv) | dict(instance or {})
        alone = not (self.processes or env or config or crash)
        if alone and (self.several or not files):
            return RemoteApp(self.keep(self.code.app(files)))
        return RemoteApp(self.process(env, files).load(config, crash))

    def make_blog(self, **given) -> RemoteApp:
        """Make the app, and its tables with the posts in them, by its own commands.

        given is what make_app takes. Raises AssertionError where a command fails.
        """
        app = self.make_app(**given)
        for word in ("init-db", "seed"):
            command = ("flask", "--app", "blog", word)
            done = Finished(typed(command), *app.invoke(word))
            self.finished.append(done)
            works = done.exit_code == 0
            assert works, f"`{done.command}` should end with exit code 0"
            self.finished.pop()
        return app

    def others(
        self, posts: list[dict] | None, dotenv: Mapping[str, str] | None
    ) -> dict[str, bytes]:
        """Return the files that hold a check's own posts and settings."""
        files = {}
        if posts is not None:
            mine = [p for p in self.code.files if PurePosixPath(p).name == "posts.py"]
            files = dict.fromkeys(mine or ["posts.py"], posts_file(posts))
        if dotenv is not None:
            lines = (f"{key}={value}\n" for key, value in dotenv.items())
            files[".env"] = "".join(lines).encode()
        return files

    def server(
        self,
        *command: str,
        env: Mapping[str, str] | None = None,
        dotenv: Mapping[str, str] | None = None,
        crash: str | None = None,
        instance: Mapping[str, bytes] | None = None,
    ) -> Server:
        """Start a real server as typed in the lesson's folder, and wait until it answers.

        Raises NotAnswering when it ends or stays silent.
        """
        if crash:
            self.added.append(crash)
        process = self.process(None, self.others(None, dotenv) | dict(instance or {}))
        self.servers.append(Server(process, command, env or {}, crash))
        return self.servers[-1]

    def nginx(self, behind: Server) -> Proxy:
        """Start nginx with the lesson's nginx.conf in front of a server of this check.

        Raises NotAnswering when it ends or stays silent.
        """
        return Proxy(behind)

    def cli(
        self,
        *command: str,
        env: Mapping[str, str] | None = None,
        posts: list[dict] | None = None,
        dotenv: Mapping[str, str] | None = None,
    ) -> Finished:
        """Run a command in the lesson's folder to its end."""
        told, _ = self.process(None, self.others(posts, dotenv)).ask(
            "run",
            command=list(command),
            env=dict(env or {}),
            wait=COMMAND_SECONDS,
            seconds=COMMAND_SECONDS + 2,
        )
        result = Finished(
            typed(command),
            claims.exit_code(told.get("code")),
            claims.text(told.get("stdout"), MOST_PRINTED),
            claims.text(told.get("stderr"), MOST_PRINTED),
        )
        self.finished.append(result)
        return result

    def python(
        self,
        code: str,
        env: Mapping[str, str] | None = None,
        dotenv: Mapping[str, str] | None = None,
    ):
        """Run a snippet in the lesson's folder; return its last expression, as JSON has it."""
        process = self.process(env, self.others(None, dotenv))
        told, _ = process.ask("python", code.encode())
        return told.get("value")

    def instance(self) -> dict[str, bytes]:
        """Return what the last app has in its folder instance now, as make_app takes it.

        Raises Lost where the folder holds more than any lesson's.
        """
        kept = PurePosixPath("instance")
        files = self.written()
        return {p: files[p] for p in files if kept in PurePosixPath(p).parents}

    def written(self) -> dict[str, bytes]:
        """Return the files that the last app has in its folder now.

        Raises Lost where they are larger than any lesson's.
        """
        told, body = self.processes[-1].ask("files")
        if told.get("too_large"):
            raise Lost("the app wrote files until its folder held more than 16 MB")
        return claims.files(told.get("files"), body)

    def suite(self) -> "Suite":
        """Return the learner's own tests, whose runs all checks of a save share."""
        from checks.engine.judging.suite import Suite

        if self.code.suite is None:
            self.code.suite = Suite(self.code, PurePosixPath(self.lesson).name)
        return self.code.suite

    def unseen(self) -> Unseen:
        """Return this check's source of data that the learner has not seen."""
        return Unseen(self.seed)

    def close(self) -> None:
        """End every process of this check."""
        for process in self.processes:
            process.close()
