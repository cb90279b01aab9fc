"""What the blog asks of others: each answer takes a while."""

import asyncio


async def tea_of_the_day():
    """Return the tea that a shop recommends."""
    await asyncio.sleep(0.3)  # seconds, as a request to the shop would take
    return "Sencha"


async def weather():
    """Return what the sky looks like."""
    await asyncio.sleep(0.3)
    return "rain"
