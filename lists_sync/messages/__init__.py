"""What people read: plain text by Jinja2 templates, and an Adaptive Card of the same facts."""

from lists_sync.messages.links import Links
from lists_sync.messages.render import render
from lists_sync.messages.text import Templates, load_templates

__all__ = ["Links", "Templates", "load_templates", "render"]
