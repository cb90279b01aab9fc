"""How JupyterLab gets and stores a notebook of ours, so that opening one changes nothing.

When its kernel has started, JupyterLab writes into a notebook which Python that is, down to
the patch; a notebook that says otherwise is marked as changed before anybody has touched
it, and git would see each save. So each is handed over as its kernel will describe it, and
stored again without that.
"""

from ipykernel.ipkernel import IPythonKernel
from jupyter_client.kernelspec import get_kernel_spec
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from checks.engine.notebooks import METADATA

NAME = METADATA["kernelspec"]["name"]


def described() -> dict:
    """Return the metadata that a notebook has once its kernel runs."""
    spec = get_kernel_spec(NAME)
    kernel = {
        "name": NAME,
        "display_name": spec.display_name,
        "language": spec.language,
    }
    return {"kernelspec": kernel, "language_info": IPythonKernel.language_info}


class Notebooks(AsyncLargeFileManager):
    """The files of JupyterLab, notebooks with other metadata outside than inside."""

    async def get(self, path, content=True, *rest, **more):
        """Return a file; a notebook says of its kernel what the kernel would say."""
        model = await super().get(path, content, *rest, **more)
        if content and model["type"] == "notebook":
            exchange(model["content"]["metadata"], METADATA, described())
        return model

    async def save(self, model, path=""):
        """Store a file; a notebook says no more of its kernel than ours do."""
        if model.get("type") == "notebook" and model.get("content"):
            exchange(model["content"]["metadata"], described(), METADATA)
        return await super().save(model, path)


def exchange(metadata: dict, old: dict, new: dict) -> None:
    """Put new values for old ones into a notebook's metadata; leave all that differs."""
    for key, value in old.items():
        if metadata.get(key) == value:
            metadata[key] = new[key]
