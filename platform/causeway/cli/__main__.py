"""`python -m causeway.cli`."""

import sys

from causeway.cli.main import main

sys.exit(main())
