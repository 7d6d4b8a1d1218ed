"""Pretend providers of SMS, and the phones that they reach. Written from what the real ones document, so that what the
product says is not read by what the product wrote.
"""
