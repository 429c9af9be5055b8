// The services that the plugin serves, one source file each.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/service_type.h>

#include <memory>
#include <vector>

namespace peer {

std::unique_ptr<grpc::Service> makeData();
std::unique_ptr<grpc::Service> makeResource();
std::unique_ptr<grpc::Service> makeDiagnostics();
std::unique_ptr<grpc::Service> makeStream();
std::unique_ptr<grpc::Service> makeAdmissionControl();
std::unique_ptr<grpc::Service> makeResourceConversion();
// go-plugin's own.
std::unique_ptr<grpc::Service> makeController();
std::unique_ptr<grpc::Service> makeStdio();
std::unique_ptr<grpc::Service> makeBroker();

}  // namespace peer
