"""The customer's portal: a file for each subject, whose pages are found by `pages.py`."""
