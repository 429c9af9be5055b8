#include "plugin/Lifetime.hpp"

#include <chrono>
#include <utility>

namespace peer {

Lifetime& Lifetime::shared() {
    static Lifetime lifetime;
    return lifetime;
}

void Lifetime::stop() {
    const std::lock_guard guard(lock);
    stopped = true;
    changed.notify_all();
}

bool Lifetime::stopping() {
    const std::lock_guard guard(lock);
    return stopped;
}

void Lifetime::waitForStop() {
    std::unique_lock guard(lock);
    changed.wait(guard, [this] { return stopped; });
}

void Lifetime::captured(bool standardError, std::string bytes) {
    if (bytes.empty()) return;
    const std::lock_guard guard(lock);
    output.push_back({standardError, std::move(bytes)});
    changed.notify_all();
}

std::optional<CapturedOutput> Lifetime::nextOutput() {
    std::unique_lock guard(lock);
    changed.wait_for(guard, std::chrono::milliseconds(50), [this] { return stopped || !output.empty(); });
    if (output.empty()) return std::nullopt;
    auto first = std::move(output.front());
    output.pop_front();
    return first;
}

}  // namespace peer
