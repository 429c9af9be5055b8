#include "plugin/Controls.hpp"

#include "plugin/Lifetime.hpp"
#include "plugin/Log.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

namespace peer {

namespace {

constexpr int64_t largestCount = int64_t{1} << 40;

// Every byte value, so that a peer that takes `-bin` metadata for text is found out.
std::string everyByte() {
    std::string bytes;
    for (int value = 0; value < 256; ++value) bytes += static_cast<char>(value);
    return bytes;
}

void flood(int descriptor, int64_t size) {
    const std::string line = std::string(127, '.') + "\n";
    for (int64_t written = 0; written < size; written += static_cast<int64_t>(line.size())) {
        if (write(descriptor, line.data(), line.size()) < 0) return;
    }
}

}  // namespace

int64_t Controls::count(const std::string& name, int64_t fallback) const {
    const double value = number(source, name, static_cast<double>(fallback));
    if (!(value > 0)) return 0;
    return value < static_cast<double>(largestCount) ? static_cast<int64_t>(value) : largestCount;
}

std::optional<grpc::Status> Controls::apply(grpc::ServerContext& context) const {
    if (flag(source, "gzip")) context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
    if (const auto* line = member(source, "log")) log(text(*line, "level"), text(*line, "message"), {{"source", "control"}});
    if (const auto* output = member(source, "stdio")) {
        Lifetime::shared().captured(false, text(*output, "stdout"));
        Lifetime::shared().captured(true, text(*output, "stderr"));
    }
    flood(STDERR_FILENO, count("stderrBytes"));
    flood(STDOUT_FILENO, count("stdoutBytes"));
    if (flag(source, "crash")) abort();
    if (source.fields().count("exit") != 0) _exit(static_cast<int>(count("exit")));

    const int64_t sleep = count("sleepMs");
    if (sleep > 0 && !pause(context, sleep)) {
        log("info", "call cancelled by the host", {{"after", "sleepMs"}});
        return grpc::Status(grpc::StatusCode::CANCELLED, "cancelled while sleeping");
    }
    if (const auto* error = member(source, "grpcError")) {
        const auto code = static_cast<grpc::StatusCode>(static_cast<int>(number(*error, "code", 2)));
        return grpc::Status(code, text(*error, "message"), fromBase64(text(*error, "detailsBase64")));
    }
    return std::nullopt;
}

Controls requested(const grpc::ServerContext& context) {
    const auto found = context.client_metadata().find("x-peer-control");
    if (found == context.client_metadata().end()) return Controls("");
    return Controls(std::string_view(found->second.data(), found->second.size()));
}

std::optional<grpc::Status> begin(grpc::ServerContext& context) {
    context.AddInitialMetadata("x-peer-initial", "from the plugin");
    context.AddTrailingMetadata("x-peer-trailing", "to the host");
    context.AddTrailingMetadata("x-peer-trailing-bin", everyByte());
    if (const char* always = getenv("V2_PLUGIN_GZIP"); always != nullptr && strcmp(always, "1") == 0) {
        context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
    }
    return requested(context).apply(context);
}

bool pause(grpc::ServerContext& context, int64_t milliseconds) {
    using namespace std::chrono;
    const auto end = steady_clock::now() + std::chrono::milliseconds(milliseconds);
    while (!context.IsCancelled() && !Lifetime::shared().stopping()) {
        const auto left = end - steady_clock::now();
        if (left <= steady_clock::duration::zero()) return true;
        std::this_thread::sleep_for(std::min<steady_clock::duration>(left, std::chrono::milliseconds(2)));
    }
    return false;
}

Object describe(const grpc::ServerContext& context) {
    Object call;
    set(call, "metadata", metadataObject(context.client_metadata()));
    set(call, "peer", std::string_view(context.peer()));
    const auto authority = context.ExperimentalGetAuthority();
    set(call, "authority", std::string_view(authority.data(), authority.size()));
    const auto deadline = context.deadline();
    if (deadline == std::chrono::system_clock::time_point::max()) {
        setNull(call, "deadlineRemainingMs");
    } else {
        const auto left = deadline - std::chrono::system_clock::now();
        set(call, "deadlineRemainingMs",
            static_cast<double>(std::chrono::duration_cast<std::chrono::milliseconds>(left).count()));
    }
    return call;
}

Object describeProcess() {
    Object process;
    set(process, "pid", static_cast<double>(getpid()));
    char directory[PATH_MAX] = "";
    if (getcwd(directory, sizeof directory) != nullptr) set(process, "workingDirectory", std::string_view(directory));

    auto* arguments = (*process.mutable_fields())["arguments"].mutable_list_value();
    std::ifstream commandLine("/proc/self/cmdline", std::ios::binary);
    for (std::string argument; std::getline(commandLine, argument, '\0');) {
        arguments->add_values()->set_string_value(argument);
    }

    Object environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const char* equals = strchr(*entry, '=');
        if (equals != nullptr) set(environment, std::string(*entry, static_cast<size_t>(equals - *entry)), std::string_view(equals + 1));
    }
    set(process, "environment", std::move(environment));
    return process;
}

std::string filler(int64_t size) {
    constexpr std::string_view pattern = "0123456789abcdefghijklmnopqrstuvwxyz\n";
    std::string bytes;
    bytes.reserve(static_cast<size_t>(size));
    while (static_cast<int64_t>(bytes.size()) < size) {
        bytes.append(pattern.substr(0, std::min<size_t>(pattern.size(), static_cast<size_t>(size) - bytes.size())));
    }
    return bytes;
}

}  // namespace peer
