#pragma once

#include "vmsystem/models/metrics_text.hpp"

namespace vmsystem::http {

/// Writes what the kernel knows of this process, under the names that
/// Prometheus's own clients use. What it does not tell is left out.
void write_process_metrics(metrics_text& to);

} // namespace vmsystem::http
