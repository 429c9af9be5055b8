// The command line of v2-host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace peer {

struct Arguments {
    std::string target;  // a unix socket's path, or host:port
    std::string operation;
    std::string method;  // for `call` and `raw`; for other operations, the operation itself
    std::string request;  // JSON, or base64 for `raw`
    bool raw = false;

    std::vector<std::pair<std::string, std::string>> metadata;
    std::optional<int64_t> deadlineMilliseconds;
    std::optional<int64_t> cancelAfterMilliseconds;
    std::optional<int64_t> cancelAfterReplies;
    int64_t readDelayMilliseconds = 0;
    bool gzip = false;
    bool quiet = false;
    int64_t count = 1;
    int64_t concurrency = 1;

    // Prints a message and ends the program with 64 when the arguments make no sense.
    static Arguments parse(int count, char** values);
};

}  // namespace peer
