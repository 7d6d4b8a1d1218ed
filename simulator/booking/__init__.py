"""A pretend booking system that speaks as four real ones do: each its own signature, its own words, its own ids.

Written from the sources' descriptions, so that what the product reads is not what the product wrote.
"""
