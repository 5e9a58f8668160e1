"""On time: which slots have come, which of them are run, and the long-running scheduler that runs them."""
