#include "plugin/Controls.hpp"
#include "plugin/Log.hpp"
#include "plugin/Services.hpp"

#include "backend.grpc.pb.h"

namespace peer {

namespace {

// The paths `missing` and `forbidden` are refused.
template <typename Response>
typename Response::Status verdict(const std::string& path) {
    if (path == "missing") return Response::NOT_FOUND;
    if (path == "forbidden") return Response::PERMISSION_DENIED;
    return Response::OK;
}

class Stream final : public pluginv2::Stream::Service {
    grpc::Status SubscribeStream(grpc::ServerContext* context, const pluginv2::SubscribeStreamRequest* request,
                                 pluginv2::SubscribeStreamResponse* reply) override {
        if (auto end = begin(*context)) return *end;
        reply->set_status(verdict<pluginv2::SubscribeStreamResponse>(request->path()));
        reply->set_data("{\"subscribed\":true}");
        return grpc::Status::OK;
    }

    grpc::Status PublishStream(grpc::ServerContext* context, const pluginv2::PublishStreamRequest* request,
                               pluginv2::PublishStreamResponse* reply) override {
        if (auto end = begin(*context)) return *end;
        reply->set_status(verdict<pluginv2::PublishStreamResponse>(request->path()));
        reply->set_data(request->data());
        return grpc::Status::OK;
    }

    grpc::Status RunStream(grpc::ServerContext* context, const pluginv2::RunStreamRequest* request,
                           grpc::ServerWriter<pluginv2::StreamPacket>* writer) override {
        if (auto end = begin(*context)) return *end;
        const Controls controls(request->data());
        // With no packets asked for, it runs until the host has enough.
        const auto packets = controls.source.fields().count("packets") != 0 ? controls.count("packets") : INT64_MAX;
        const auto interval = controls.count("intervalMs", 100);
        for (int64_t packet = 0; packet < packets; ++packet) {
            pluginv2::StreamPacket next;
            std::string data = "{\"packet\":" + std::to_string(packet);
            if (const auto size = controls.count("bytes"); size > 0) data += ",\"filler\":\"" + std::string(size, 'x') + "\"";
            next.set_data(data + "}");
            if (!writer->Write(next) || !pause(*context, interval)) {
                log("info", "stream cancelled by the host", {{"path", request->path()}, {"sent", std::to_string(packet)}});
                return grpc::Status(grpc::StatusCode::CANCELLED, "cancelled in the middle of the stream");
            }
        }
        if (auto end = controls.apply(*context)) return *end;
        return grpc::Status::OK;
    }
};

}  // namespace

std::unique_ptr<grpc::Service> makeStream() { return std::make_unique<Stream>(); }

}  // namespace peer
