// Exists so that the CAF headers are precompiled once for all targets.
