"""Serve an unpacked connector by the SDK's own gRPC server, as Fivetran does: `python served.py FOLDER PORT`.

Run by the interpreter of .connector, one process for each sync: a second sync in one process would hang.
"""

import importlib
import sys

folder, port = sys.argv[1:]
sys.path[0] = folder  # in place of this program's own folder
importlib.import_module("connector").connector.run(port=int(port))
