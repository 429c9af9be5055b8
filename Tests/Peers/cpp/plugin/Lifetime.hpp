// The end of the plugin, and the output that the host reads through GRPCStdio.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

namespace peer {

struct CapturedOutput {
    bool standardError;
    std::string bytes;
};

class Lifetime {
public:
    static Lifetime& shared();

    // Asks the process to end. Handlers that wait return soon after.
    void stop();
    bool stopping();
    void waitForStop();

    // Queues output for the host; nothing happens for empty output.
    void captured(bool standardError, std::string bytes);
    // Waits a moment for output. Empty when there is none yet.
    std::optional<CapturedOutput> nextOutput();

private:
    std::mutex lock;
    std::condition_variable changed;
    bool stopped = false;
    std::deque<CapturedOutput> output;
};

}  // namespace peer
