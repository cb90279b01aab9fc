"""Where in the learner's code: a place, and the line that raised."""

Facts = dict


def place(facts: Facts, spot: dict) -> str:
    """Return ``lessons/03_routes/app.py:12``."""
    return f"{facts.get('lesson', '')}/{spot.get('file')}:{spot.get('line')}"


def frame(facts: Facts) -> list[str]:
    """The learner's own line that raised, the place to look at first."""
    told = facts.get("crash") or {}
    frames = told.get("frames") or []
    if frames:
        last = frames[-1]
        return [f"{place(facts, last)}   {last.get('source', '')}".rstrip()]
    view = told.get("view")
    if not view:
        return []
    return [
        f"{place(facts, view)}   {view.get('source') or view.get('name', '') + '()'}"
    ]
