# TODO 4: The API.
"""Does the API keep its promises to programs?"""
