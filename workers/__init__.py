"""Hands: RQ jobs of a few lines each, and the calendar. They decide nothing."""
