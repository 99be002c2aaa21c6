"""What differs between A1111, Forge and diffusers: encoding, and where the hooks go."""
