"""What Werkzeug compiles for each rule of a map, compiled once for all apps here."""

from werkzeug.routing import Rule


def remember() -> None:
    """Have rules that say the same share the functions that build their addresses.

    A suite makes an app for every test; compiling forty rules, twice each, was most
    of the time that it took.
    """
    compile_builder, known = Rule._compile_builder, {}

    def remembered(rule, append_unknown=True):
        if rule.defaults:  # become part of the function, and may be anything
            return compile_builder(rule, append_unknown)
        key = rule.rule, tuple(rule._trace), append_unknown
        if key not in known:
            known[key] = compile_builder(rule, append_unknown)
        return known[key]

    Rule._compile_builder = remembered
