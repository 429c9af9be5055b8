// Admission and conversion of Kubernetes-like objects: echoes, and a refusal.

#include "plugin/Controls.hpp"
#include "plugin/Services.hpp"

#include "backend.grpc.pb.h"

namespace peer {

namespace {

// An object that holds the word "forbidden" is refused; every object draws a warning that says what was asked.
template <typename Response>
void decide(const pluginv2::AdmissionRequest& request, Response& reply) {
    reply.set_allowed(request.object_bytes().find("forbidden") == std::string::npos);
    reply.add_warnings(pluginv2::AdmissionRequest::Operation_Name(request.operation()) + " " + request.kind().group() + "/" +
                       request.kind().version() + "/" + request.kind().kind());
    if (!reply.allowed()) {
        reply.mutable_result()->set_status("Failure");
        reply.mutable_result()->set_message("the object holds a forbidden word");
        reply.mutable_result()->set_reason("Invalid");
        reply.mutable_result()->set_code(422);
    }
}

class AdmissionControl final : public pluginv2::AdmissionControl::Service {
    grpc::Status ValidateAdmission(grpc::ServerContext* context, const pluginv2::AdmissionRequest* request,
                                   pluginv2::ValidationResponse* reply) override {
        if (auto end = begin(*context)) return *end;
        decide(*request, *reply);
        return grpc::Status::OK;
    }

    grpc::Status MutateAdmission(grpc::ServerContext* context, const pluginv2::AdmissionRequest* request,
                                 pluginv2::MutationResponse* reply) override {
        if (auto end = begin(*context)) return *end;
        decide(*request, *reply);
        reply->set_object_bytes(request->object_bytes());
        return grpc::Status::OK;
    }
};

class ResourceConversion final : public pluginv2::ResourceConversion::Service {
    grpc::Status ConvertObjects(grpc::ServerContext* context, const pluginv2::ConversionRequest* request,
                                pluginv2::ConversionResponse* reply) override {
        if (auto end = begin(*context)) return *end;
        reply->set_uid(request->uid());
        reply->mutable_result()->set_status("Success");
        reply->mutable_result()->set_code(200);
        *reply->mutable_objects() = request->objects();
        return grpc::Status::OK;
    }
};

}  // namespace

std::unique_ptr<grpc::Service> makeAdmissionControl() { return std::make_unique<AdmissionControl>(); }

std::unique_ptr<grpc::Service> makeResourceConversion() { return std::make_unique<ResourceConversion>(); }

}  // namespace peer
