"""LINE's own rules for what is sent to it, one file for each kind of object.

Sources: the Messaging API's OpenAPI file for shapes; its reference for lengths, counts and what may stand where.
"""
