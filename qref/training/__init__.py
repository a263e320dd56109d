"""Training of quantized networks: schedules that run a scheme's steps in turn."""
