"""What a clinic starts with: data, to be changed by the clinic."""
