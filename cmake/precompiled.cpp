// Exists to own the precompiled header that every library reuses.
