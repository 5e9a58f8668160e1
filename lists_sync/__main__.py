"""`python -m lists_sync` is `lists-sync`."""

from lists_sync.cli.main import main

main()
