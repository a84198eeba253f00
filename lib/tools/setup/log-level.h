// Read into each source of the addon. Parts of TensorFlow log through Abseil, which heeds no environment variable by itself:
// here it gets the level that the others take from TF_CPP_MIN_LOG_LEVEL (0 all, 1 no notes, 2 errors only).
#include <cstdlib>

#include "absl/log/globals.h"

namespace {
const bool log_level_is_set = [] {
  const char* level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  if (level != nullptr) absl::SetMinLogLevel(static_cast<absl::LogSeverityAtLeast>(std::atoi(level)));
  return true;
}();
}  // namespace
