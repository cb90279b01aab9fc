"""Templates, compiled once for all processes that come from one warm process."""

import os
import tempfile
from types import CodeType

import flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class Compiled(BytecodeCache):
    """A folder of compiled templates, known by their name and their text.

    Jinja's own cache tells templates apart by the path of their file, too, and each
    process has files of its own. So the path is left out, and put right in what is
    taken from the cache: a traceback names the file of its own process.
    """

    def __init__(self, folder: str):
        self.folder = folder

    def get_bucket(self, environment, name, filename, source) -> Bucket:
        """Return the place of one template, with its code if it is known."""
        checksum = self.get_source_checksum(f"{name}\n{source}")
        bucket = Bucket(environment, checksum, checksum)
        self.load_bytecode(bucket)
        if bucket.code is not None:
            bucket.code = moved(bucket.code, filename or "<template>")
        return bucket

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read the code of a template, if somebody has compiled it."""
        try:
            with open(os.path.join(self.folder, bucket.key), "rb") as file:
                bucket.load_bytecode(file)
        except OSError:
            pass

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template; whole, or not at all."""
        try:
            os.makedirs(self.folder, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
                bucket.write_bytecode(file)
            os.replace(file.name, os.path.join(self.folder, bucket.key))
        except OSError:
            pass  # a folder that cannot be written costs time, and nothing else


def moved(code: CodeType, path: str) -> CodeType:
    """Return code as if it had been compiled from another file."""
    inner = [
        moved(part, path) if isinstance(part, CodeType) else part
        for part in code.co_consts
    ]
    return code.replace(co_filename=path, co_consts=tuple(inner))


def keep(home: str) -> None:
    """Have Flask keep compiled templates beside this home and those of its siblings."""
    folder = os.path.join(os.path.dirname(os.path.dirname(home)), "templates")
    flask.Flask.jinja_options = {"bytecode_cache": Compiled(folder)}
