"""`make lesson`: the app, a verdict after every save, and the desk beside them."""

from checks.engine.learner import commands
from checks.engine.screen import Screen


def lesson(args) -> int:
    """Run a lesson's app and judge every save."""
    from checks.engine.desk.serving import Desk
    from checks.engine.learner.live import Live

    chosen, memory = commands.meant(args), commands.memory()
    news = commands.bring_along(chosen)
    Live(chosen, memory, Screen(), news, Desk(chosen, memory)).run()
    return 0
