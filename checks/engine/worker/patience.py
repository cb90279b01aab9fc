"""How long a judge waits for the hanging code of one submission."""

# What starts a program, or runs many lines: its honest work takes longer.
STARTS = ("serve", "front", "run", "tests", "python")
SLOW = (*STARTS, "exchange", "together", "stop")


class Patience:
    """The seconds that one submission may have waited for in vain, in all.

    Honest work is never counted. Until so many seconds are spent, an answer may take
    what is left of them; then each gets least, an import least_load, and what starts a
    program least_slow. An answer that comes after all is
    counted for what it took beyond these.
    """

    def __init__(
        self, seconds: float, least: float, least_load: float, least_slow: float
    ):
        self.seconds, self.least = seconds, least
        self.leasts = {"load": least_load, **dict.fromkeys(SLOW, least_slow)}
        self.wasted = 0.0

    def allow(self, do: str, seconds: float) -> float:
        """Return how many of the seconds that an answer may usually take it gets."""
        least = self.leasts.get(do, self.least)
        return min(seconds, max(least, self.seconds - self.wasted))

    def waited(self, do: str, seconds: float) -> None:
        """Count what an answer took beyond all honest work; programs start as they can."""
        if do not in STARTS:
            self.count(do, seconds)

    def count(self, do: str, seconds: float) -> None:
        """Count what something took beyond all honest work, whatever it was."""
        self.wasted += max(0.0, seconds - self.leasts.get(do, self.least))

    def spend(self, seconds: float) -> None:
        """Count seconds that were waited in vain."""
        self.wasted += seconds
