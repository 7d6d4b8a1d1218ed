"""`make chaos`: the whole product under load while everything round it is killed, locked, cut, hung and flooded."""
