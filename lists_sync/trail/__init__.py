"""What every run leaves behind: what it read, what it applied, what it wrote, chained run to run."""
