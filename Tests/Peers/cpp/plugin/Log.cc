#include "plugin/Log.hpp"

#include "common/Json.hpp"

#include <sys/time.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

namespace peer {

namespace {

// Six fractional digits, always: with fewer, hosts take the line for a debug message.
std::string timestamp() {
    timeval now{};
    gettimeofday(&now, nullptr);
    tm parts{};
    gmtime_r(&now.tv_sec, &parts);
    char seconds[32];
    strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &parts);
    char whole[64];
    snprintf(whole, sizeof whole, "%s.%06ldZ", seconds, static_cast<long>(now.tv_usec));
    return whole;
}

}  // namespace

void log(std::string_view level, std::string_view message, const LogFields& fields) {
    Object line;
    set(line, "@level", level);
    set(line, "@message", message);
    set(line, "@module", std::string_view("v2-plugin"));
    set(line, "@timestamp", std::string_view(timestamp()));
    for (const auto& [name, value] : fields) set(line, name, std::string_view(value));
    const std::string text = toJson(line) + "\n";
    // One write per line, so that lines of two threads never mix. A host that stopped reading is no reason to fail.
    if (write(STDERR_FILENO, text.data(), text.size()) < 0) return;
}

}  // namespace peer
