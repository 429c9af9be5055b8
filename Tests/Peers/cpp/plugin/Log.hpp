// hclog's JSON lines on standard error, as go-plugin hosts read them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace peer {

// Values are strings only: a host may crash on anything else in the reserved names.
using LogFields = std::vector<std::pair<std::string, std::string>>;

void log(std::string_view level, std::string_view message, const LogFields& fields = {});

}  // namespace peer
