"""The inbox engine, the drains that RQ runs, and the calendar. They decide nothing."""
