#include "host/Load.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace peer {

namespace {

double percentile(const std::vector<int64_t>& sorted, double share) {
    if (sorted.empty()) return 0;
    const auto last = static_cast<double>(sorted.size() - 1);
    return static_cast<double>(sorted[static_cast<size_t>(last * share + 0.5)]);
}

}  // namespace

Object performLoad(grpc::GenericStub& stub, const std::string& path, const std::string& request, const Arguments& arguments) {
    std::atomic<int64_t> next{0};
    std::mutex lock;
    std::vector<int64_t> durations;
    int64_t errors = 0;
    int64_t replyBytes = 0;
    grpc::Status firstError;

    const auto work = [&] {
        while (next++ < arguments.count) {
            const auto result = performCall(stub, path, request, arguments, nullptr);
            const std::lock_guard guard(lock);
            durations.push_back(result.duration.count());
            replyBytes += result.replyBytes;
            if (result.status.ok()) continue;
            if (errors++ == 0) firstError = result.status;
        }
    };
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> workers;
    for (int64_t worker = 0; worker < std::min(arguments.concurrency, arguments.count); ++worker) workers.emplace_back(work);
    for (auto& worker : workers) worker.join();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;

    std::sort(durations.begin(), durations.end());
    Object summary;
    set(summary, "count", static_cast<double>(durations.size()));
    set(summary, "concurrency", static_cast<double>(arguments.concurrency));
    set(summary, "errors", static_cast<double>(errors));
    set(summary, "p50Microseconds", percentile(durations, 0.5));
    set(summary, "p99Microseconds", percentile(durations, 0.99));
    set(summary, "maxMicroseconds", percentile(durations, 1));
    set(summary, "seconds", seconds.count());
    set(summary, "replyBytes", static_cast<double>(replyBytes));
    if (errors > 0) {
        set(summary, "firstErrorCode", static_cast<double>(firstError.error_code()));
        set(summary, "firstErrorMessage", std::string_view(firstError.error_message()));
    }
    return summary;
}

}  // namespace peer
