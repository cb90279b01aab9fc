"""Do comments keep their promises, to members and to programs?"""

# TODO 5: Your own tests.
