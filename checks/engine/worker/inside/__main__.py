"""Become the warm process; the first argument is the number of its socket.

A second, in a cage, is the number of processes that a fork may see running there.
"""

import gc
import os
import socket
import sys
import types

gc.disable()  # what is imported now stays to the end

# Under this name, and on no path: a lesson's wire.py or folder.py must be its own.
package = types.ModuleType("_workbook")
package.__path__ = [os.path.dirname(os.path.abspath(__file__))]
sys.modules["_workbook"] = package

from _workbook import caged, importing, processes, warm  # noqa: E402
from _workbook.child import Child  # noqa: E402
from _workbook.hashing import hash_quickly  # noqa: E402

del sys.modules["resource"]  # Flask has no need of it, so a lesson may have its own
importing.taken.update(name for name in sys.modules if "." not in name)
importing.taken.remove("__main__")

warm.warm_up()
hash_quickly()
processes.adopt_orphans()
if sys.argv[2:]:
    caged.enter(int(sys.argv[2]))
Child(socket.socket(fileno=int(sys.argv[1]))).live()
