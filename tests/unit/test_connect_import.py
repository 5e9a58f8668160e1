"""What importing the connection loads."""

from __future__ import annotations

import subprocess
import sys

import pytest


def _loaded(statement):
    code = f"import sys; {statement}; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("name", ["office365", "msal", "requests", "pandas"])
def test_the_package_alone_loads_nothing_heavy(name):
    """The command line may name the package without paying for the client library."""
    assert name not in _loaded("import lists_sync.connect")


@pytest.mark.parametrize("name", ["office365.graph_client", "office365.sharepoint.client_context", "pandas"])
def test_a_connection_loads_the_pipeline_only(name):
    """Opening a connection does not load the client library's object layer, which takes seconds."""
    assert name not in _loaded("from lists_sync.connect import Connection, Workspace")


def test_names_are_found_where_they_are_promised():
    """Everything the package names is there, and nothing else is made up."""
    import lists_sync.connect as package

    assert all(getattr(package, name).__name__ == name for name in package.__all__)
    with pytest.raises(AttributeError):
        package.Elsewhere  # noqa: B018
