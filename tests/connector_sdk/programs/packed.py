"""Pack a folder as `fivetran deploy` does, by the SDK's own function: `python packed.py FOLDER` prints the zip's path last.

Run by the interpreter of .connector. It asks nobody: neither Fivetran nor a package index.
"""

import sys

from fivetran_connector_sdk_common.connector_helper import create_package
from fivetran_connector_sdk_common.helpers import find_connector_object

folder = sys.argv[1]
found = find_connector_object(folder)
print(create_package(folder, found.configuration_form_method))
