"""Omost installs nothing: what it runs on is part of the WebUI."""

import sys

if sys.version_info < (3, 10):  # noqa: UP036 - a WebUI may run on an older one
    version = ".".join(map(str, sys.version_info[:3]))
    sys.exit(f"Omost needs Python 3.10 or newer; this WebUI runs on {version}.")
