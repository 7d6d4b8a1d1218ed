"""The clinic's file: everything that a clinic chooses for itself, in words its owner can read and change."""
