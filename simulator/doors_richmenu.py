"""LINE's doors for rich menus."""
