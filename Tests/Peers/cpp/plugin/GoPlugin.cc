// The services that go-plugin adds to every plugin.

#include "plugin/Lifetime.hpp"
#include "plugin/Log.hpp"
#include "plugin/Services.hpp"

#include "goplugin.grpc.pb.h"

namespace peer {

namespace {

class Controller final : public plugin::GRPCController::Service {
    grpc::Status Shutdown(grpc::ServerContext*, const plugin::Empty*, plugin::Empty*) override {
        log("info", "shutdown asked for by the host");
        Lifetime::shared().stop();
        return grpc::Status::OK;
    }
};

class Stdio final : public plugin::GRPCStdio::Service {
    grpc::Status StreamStdio(grpc::ServerContext* context, const google::protobuf::Empty*,
                             grpc::ServerWriter<plugin::StdioData>* writer) override {
        while (!context->IsCancelled() && !Lifetime::shared().stopping()) {
            const auto output = Lifetime::shared().nextOutput();
            if (!output) continue;
            plugin::StdioData data;
            data.set_channel(output->standardError ? plugin::StdioData::STDERR : plugin::StdioData::STDOUT);
            data.set_data(output->bytes);
            if (!writer->Write(data)) break;
        }
        return grpc::Status::OK;
    }
};

// Hosts open it at once and leave it open. Nothing is brokered.
class Broker final : public plugin::GRPCBroker::Service {
    grpc::Status StartStream(grpc::ServerContext*,
                             grpc::ServerReaderWriter<plugin::ConnInfo, plugin::ConnInfo>* stream) override {
        plugin::ConnInfo connection;
        while (stream->Read(&connection)) {
        }
        return grpc::Status::OK;
    }
};

}  // namespace

std::unique_ptr<grpc::Service> makeController() { return std::make_unique<Controller>(); }

std::unique_ptr<grpc::Service> makeStdio() { return std::make_unique<Stdio>(); }

std::unique_ptr<grpc::Service> makeBroker() { return std::make_unique<Broker>(); }

}  // namespace peer
