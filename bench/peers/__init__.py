"""Forums that pages are compared with. Each runs in a Python environment without our packages."""
