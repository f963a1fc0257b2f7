// Exists so that the JSON headers are precompiled once for all targets.
