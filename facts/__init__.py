"""What it means that something was told: one function a fact, the same for every teller."""
