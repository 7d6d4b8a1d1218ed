"""LINE's endpoints, one file a group of them."""
