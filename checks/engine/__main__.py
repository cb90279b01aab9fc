import sys, time

t = time.perf_counter()
from pathlib import Path
from checks.engine import lessons
from checks.engine.judging.session import judge
from checks.engine.judging import words

s = words.Screen()


def d(v):
    s.say(*words.block(v, s))


judge([lessons.find(w) for w in sys.argv[2:]], lessons.TOP / sys.argv[1], d)
print(time.perf_counter() - t)
