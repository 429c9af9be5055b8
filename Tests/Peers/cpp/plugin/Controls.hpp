// What a test asks the plugin to do, besides answering.
#pragma once

#include "common/Json.hpp"

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <optional>
#include <string>

namespace peer {

// The members of a control object, see README.md. Found in a query's JSON, in RunStream's data, or in metadata `x-peer-control`.
struct Controls {
    Object source;

    explicit Controls(std::string_view json) : source(parseObject(json)) {}

    // A member as a count, never negative.
    int64_t count(const std::string& name, int64_t fallback = 0) const;

    // Sleeps, crashes, writes to the standard streams, switches compression on. Returns a status when the call shall end with it,
    // also because the host cancelled it while it slept.
    std::optional<grpc::Status> apply(grpc::ServerContext& context) const;
};

// The controls in the metadata `x-peer-control`, which reach every method.
Controls requested(const grpc::ServerContext& context);

// What every handler does first: obeys the controls in the metadata, sends the initial and trailing metadata that the tests look for.
std::optional<grpc::Status> begin(grpc::ServerContext& context);

// Waits in small steps. False when the call was cancelled, its deadline passed, or the plugin is stopping.
bool pause(grpc::ServerContext& context, int64_t milliseconds);

// The call as the plugin saw it: metadata, peer, authority, deadline.
Object describe(const grpc::ServerContext& context);

// The process: pid, arguments, working directory, environment.
Object describeProcess();

// `size` bytes that repeat a short pattern.
std::string filler(int64_t size);

}  // namespace peer
