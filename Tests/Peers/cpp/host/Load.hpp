// Many calls on one connection.
#pragma once

#include "host/Arguments.hpp"
#include "host/Call.hpp"

#include <string>

namespace peer {

// Performs `arguments.count` calls, `arguments.concurrency` at a time. The object is the last line of output.
Object performLoad(grpc::GenericStub& stub, const std::string& path, const std::string& request, const Arguments& arguments);

}  // namespace peer
