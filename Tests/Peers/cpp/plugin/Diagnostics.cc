#include "plugin/Controls.hpp"
#include "plugin/Services.hpp"

#include "backend.grpc.pb.h"

#include <atomic>

namespace peer {

namespace {

class Diagnostics final : public pluginv2::Diagnostics::Service {
    std::atomic<int64_t> healthChecks{0};

    grpc::Status CheckHealth(grpc::ServerContext* context, const pluginv2::CheckHealthRequest* request,
                             pluginv2::CheckHealthResponse* reply) override {
        ++healthChecks;
        if (auto end = begin(*context)) return *end;
        Object details = describe(*context);
        set(details, "pluginId", std::string_view(request->plugincontext().pluginid()));
        if (flag(requested(*context).source, "process")) set(details, "process", describeProcess());
        reply->set_status(pluginv2::CheckHealthResponse::OK);
        reply->set_message("the v2 peer is well");
        reply->set_jsondetails(toJson(details));
        return grpc::Status::OK;
    }

    grpc::Status CollectMetrics(grpc::ServerContext* context, const pluginv2::CollectMetricsRequest*,
                                pluginv2::CollectMetricsResponse* reply) override {
        if (auto end = begin(*context)) return *end;
        reply->mutable_metrics()->set_prometheus(
            "# HELP v2_peer_health_checks_total Health checks answered.\n"
            "# TYPE v2_peer_health_checks_total counter\n"
            "v2_peer_health_checks_total " + std::to_string(healthChecks.load()) + "\n");
        return grpc::Status::OK;
    }
};

}  // namespace

std::unique_ptr<grpc::Service> makeDiagnostics() { return std::make_unique<Diagnostics>(); }

}  // namespace peer
