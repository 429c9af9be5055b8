// One call of any method, unary or server streaming, by bytes.
#pragma once

#include "common/Json.hpp"
#include "host/Arguments.hpp"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace peer {

struct CallResult {
    grpc::Status status;
    Object initialMetadata;
    Object trailers;
    int64_t replies = 0;
    int64_t replyBytes = 0;
    std::chrono::microseconds duration{};
};

// One HTTP/2 connection, as a Grafana host has to its plugin.
std::shared_ptr<grpc::Channel> openChannel(const std::string& target);

// Sends `request`, hands each reply to `onReply`, and returns when the call has ended.
CallResult performCall(grpc::GenericStub& stub, const std::string& path, const std::string& request, const Arguments& arguments,
                       const std::function<void(const std::string&)>& onReply);

}  // namespace peer
