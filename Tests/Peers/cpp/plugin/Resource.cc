#include "plugin/Controls.hpp"
#include "plugin/Log.hpp"
#include "plugin/Services.hpp"

#include "backend.grpc.pb.h"

#include <cstdio>

namespace peer {

namespace {

// Where piece `index` of `count` starts.
size_t pieceStart(size_t size, size_t index, size_t count) { return size * index / count; }

class Resource final : public pluginv2::Resource::Service {
    grpc::Status CallResource(grpc::ServerContext* context, const pluginv2::CallResourceRequest* request,
                              grpc::ServerWriter<pluginv2::CallResourceResponse>* writer) override {
        if (auto end = begin(*context)) return *end;

        int code = 200;
        long long pieces = 3;
        long long pieceBytes = 0;
        std::string body;
        if (sscanf(request->path().c_str(), "chunks/%lld/%lld", &pieces, &pieceBytes) == 2 && pieces > 0 && pieceBytes >= 0) {
            body.clear();
        } else {
            pieces = 3;
            sscanf(request->path().c_str(), "status/%d", &code);
            body = request->path() == "echo" ? request->body() : description(*context, *request);
        }

        for (long long piece = 0; piece < pieces; ++piece) {
            pluginv2::CallResourceResponse part;
            if (piece == 0) {
                part.set_code(code);
                (*part.mutable_headers())["Content-Type"].add_values("application/json");
                (*part.mutable_headers())["Set-Cookie"].add_values("first=1");
                (*part.mutable_headers())["Set-Cookie"].add_values("second=2");
            }
            if (pieceBytes > 0) {
                part.set_body(filler(pieceBytes));
            } else {
                const auto start = pieceStart(body.size(), static_cast<size_t>(piece), static_cast<size_t>(pieces));
                const auto next = pieceStart(body.size(), static_cast<size_t>(piece) + 1, static_cast<size_t>(pieces));
                part.set_body(body.substr(start, next - start));
            }
            if (!writer->Write(part)) {
                log("info", "resource cancelled by the host", {{"path", request->path()}, {"sent", std::to_string(piece)}});
                return grpc::Status(grpc::StatusCode::CANCELLED, "cancelled in the middle of the body");
            }
        }
        return grpc::Status::OK;
    }

    static std::string description(const grpc::ServerContext& context, const pluginv2::CallResourceRequest& request) {
        Object call = describe(context);
        set(call, "request", parseObject(toJson(request)));
        return toJson(call);
    }
};

}  // namespace

std::unique_ptr<grpc::Service> makeResource() { return std::make_unique<Resource>(); }

}  // namespace peer
