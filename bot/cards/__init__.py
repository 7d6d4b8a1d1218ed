"""Cards: Flex messages arranged from the primitives of `channels/flex.py`. They read, they decide nothing."""
