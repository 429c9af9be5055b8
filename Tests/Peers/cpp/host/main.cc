// v2-host: calls any method of a plugin on gRPC's C++ library, and prints what came back as lines of JSON.

#include "common/Json.hpp"
#include "host/Arguments.hpp"
#include "host/Call.hpp"
#include "host/Load.hpp"
#include "host/Schemas.hpp"

#include <google/protobuf/util/json_util.h>

#include <iostream>

namespace {

// An object with one member, whose value is JSON already.
std::string wrapped(const std::string& name, const std::string& value) { return "{\"" + name + "\":" + value + "}"; }

peer::Object summary(const peer::CallResult& result) {
    peer::Object last;
    peer::set(last, "code", static_cast<double>(result.status.error_code()));
    peer::set(last, "message", std::string_view(result.status.error_message()));
    peer::set(last, "detailsBase64", std::string_view(peer::toBase64(result.status.error_details())));
    peer::set(last, "initialMetadata", result.initialMetadata);
    peer::set(last, "trailers", result.trailers);
    peer::set(last, "replies", static_cast<double>(result.replies));
    peer::set(last, "replyBytes", static_cast<double>(result.replyBytes));
    peer::set(last, "microseconds", static_cast<double>(result.duration.count()));
    return last;
}

}  // namespace

int main(int count, char** values) {
    const auto arguments = peer::Arguments::parse(count, values);
    peer::Schemas schemas;

    std::string path = arguments.method;
    std::string request;
    const google::protobuf::MethodDescriptor* method = nullptr;
    if (arguments.raw) {
        if (path.empty() || path.front() != '/') path.insert(0, 1, '/');
        request = peer::fromBase64(arguments.request);
    } else {
        method = schemas.method(arguments.method);
        if (method == nullptr) {
            std::cerr << "v2-host: no schema has a method " << arguments.method << "\n";
            return 64;
        }
        path = peer::path(*method);
        const auto message = schemas.make(method->input_type());
        const std::string json = arguments.request.empty() ? "{}" : arguments.request;
        const auto parsed = google::protobuf::util::JsonStringToMessage(json, message.get());
        if (!parsed.ok()) {
            std::cerr << "v2-host: the request is no " << method->input_type()->full_name() << ": " << parsed.ToString() << "\n";
            return 64;
        }
        request = message->SerializeAsString();
    }

    grpc::GenericStub stub(peer::openChannel(arguments.target));
    if (arguments.count > 1) {
        const auto load = peer::performLoad(stub, path, request, arguments);
        std::cout << peer::toJson(load) << std::endl;
        return peer::number(load, "errors", 1) > 0 ? 1 : 0;
    }

    const auto print = [&](const std::string& reply) {
        if (arguments.quiet) return;
        if (method == nullptr) {
            std::cout << wrapped("replyBase64", "\"" + peer::toBase64(reply) + "\"") << std::endl;
            return;
        }
        const auto message = schemas.make(method->output_type());
        if (message->ParseFromString(reply)) {
            std::cout << wrapped("reply", peer::toJson(*message)) << std::endl;
        } else {
            std::cout << wrapped("malformedReplyBase64", "\"" + peer::toBase64(reply) + "\"") << std::endl;
        }
    };
    const auto result = peer::performCall(stub, path, request, arguments, print);
    std::cout << peer::toJson(summary(result)) << std::endl;
    return result.status.ok() ? 0 : 1;
}
