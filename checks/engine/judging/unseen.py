"""Data that the learner has not seen, the same again for the same seed."""

import datetime
import random
from collections.abc import Callable

NAMES = [
    "Ada",
    "Bea",
    "Cleo",
    "Dora",
    "Edda",
    "Finn",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Kira",
    "Lars",
    "Mila",
    "Nico",
    "Olga",
    "Pia",
]
WORDS = [
    "amber",
    "basil",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "hazel",
    "indigo",
    "juniper",
    "kelp",
    "lichen",
    "maple",
    "nectar",
    "olive",
    "pebble",
    "quartz",
    "raven",
    "saffron",
    "thistle",
    "umber",
    "violet",
    "willow",
    "yarrow",
    "zephyr",
]


class Unseen:
    """Names, words, numbers and posts, drawn from one seed.

    seed is any text; each check gets a seed of its own, so their order is free. No word,
    name or post's id comes twice, or else one check in some hundred would ask for
    something that its own data makes impossible.
    """

    def __init__(self, seed: str):
        self._random = random.Random(seed)
        self._drawn: set[str | int] = set()

    def number(self, low: int = 100, high: int = 999) -> int:
        """Return a whole number from low to high."""
        return self._random.randint(low, high)

    def word(self) -> str:
        """Return a word that no lesson uses: ``willow482``."""
        return self._new(lambda: f"{self._random.choice(WORDS)}{self.number()}")

    def name(self) -> str:
        """Return a first name with a number behind it: ``Kira731``."""
        return self._new(lambda: f"{self._random.choice(NAMES)}{self.number()}")

    def posts(self, count: int = 3) -> list[dict]:
        """Return posts in the shape of posts.py, oldest first."""
        first = datetime.date(2025, 1, 1) + datetime.timedelta(days=self.number(0, 300))
        free = [number for number in range(10, 1000) if number not in self._drawn]
        ids = self._random.sample(free, count)
        self._drawn.update(ids)
        return [
            self._post(i, first + datetime.timedelta(days=n)) for n, i in enumerate(ids)
        ]

    def _new(self, draw: Callable[[], str]) -> str:
        """Return the first that is drawn and was not there before."""
        while (drawn := draw()) in self._drawn:
            pass
        self._drawn.add(drawn)
        return drawn

    def _post(self, post_id: int, date: datetime.date) -> dict:
        title = f"{self.word()} {self.word()}"
        return {
            "id": post_id,
            "slug": title.replace(" ", "-"),
            "title": title,
            "author": self.name(),
            "date": date,
            "tags": [self.word(), self.word()],
            "summary": f"About {self.word()}.",
            "body": f"A long text about {self.word()} and {self.word()}.",
            "tips": self.number(1, 99) + 0.5,
        }


def posts_file(posts: list[dict]) -> bytes:
    """Return a posts.py that holds these posts."""
    return f'"""Posts of a check."""\n\nimport datetime\n\nPOSTS = {posts!r}\n'.encode()
