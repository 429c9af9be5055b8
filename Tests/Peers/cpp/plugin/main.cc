// v2-plugin: a plugin of the v2 protocol on gRPC's C++ library, started as Grafana starts one.

#include "plugin/Lifetime.hpp"
#include "plugin/Log.hpp"
#include "plugin/Services.hpp"

#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/health_check_service_interface.h>

#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

namespace {

// As in Grafana's SDK.
constexpr int maximumRequestBytes = 16 << 20;

std::string environment(const char* name) {
    const char* value = getenv(name);
    return value == nullptr ? std::string() : value;
}

// Why the plugin cannot run with this environment; empty when it can.
std::string refusal() {
    if (environment("grafana_plugin_type") != "datasource") {
        return "This program is a plugin, to be started by its host: grafana_plugin_type=datasource is not in the environment.";
    }
    if (!environment("PLUGIN_CLIENT_CERT").empty()) return "PLUGIN_CLIENT_CERT is set, but this plugin speaks no TLS.";
    if (environment("PLUGIN_MULTIPLEX_GRPC") == "true") return "PLUGIN_MULTIPLEX_GRPC is set, but this plugin does not multiplex.";
    return {};
}

std::string socketPath() {
    std::string directory = environment("PLUGIN_UNIX_SOCKET_DIR");
    if (directory.empty()) directory = environment("TMPDIR");
    if (directory.empty()) directory = "/tmp";
    return directory + "/plugin" + std::to_string(std::random_device{}());
}

}  // namespace

int main() {
    if (const auto reason = refusal(); !reason.empty()) {
        fprintf(stderr, "%s\n", reason.c_str());
        return 1;
    }
    // go-plugin swallows it too: a terminal's Ctrl-C is the host's business.
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);

    const std::string path = socketPath();
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
        peer::log("error", "plugin init error", {{"error", "the socket's path is too long: " + path}});
        return 0;
    }

    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("unix:" + path, grpc::InsecureServerCredentials());
    builder.SetMaxReceiveMessageSize(maximumRequestBytes);
    builder.SetMaxSendMessageSize(-1);
    std::vector<std::unique_ptr<grpc::Service>> services;
    for (const auto make : {peer::makeData, peer::makeResource, peer::makeDiagnostics, peer::makeStream, peer::makeAdmissionControl,
                            peer::makeResourceConversion, peer::makeController, peer::makeStdio, peer::makeBroker}) {
        services.push_back(make());
        builder.RegisterService(services.back().get());
    }
    const auto server = builder.BuildAndStart();
    if (server == nullptr) {
        // A real plugin also exits 0 here; the host finds out by the missing handshake.
        peer::log("error", "plugin init error", {{"error", "no socket at " + path}});
        return 0;
    }
    server->GetHealthCheckService()->SetServingStatus("plugin", true);

    // The one line that the host waits for: go-plugin's version, the protocol's, and where to call.
    printf("1|2|unix|%s|grpc|\n", path.c_str());
    fflush(stdout);
    peer::log("info", "plugin started", {{"pid", std::to_string(getpid())}});

    peer::Lifetime::shared().waitForStop();
    // The answer to Shutdown goes out first; calls that still run get this long.
    server->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
    unlink(path.c_str());
    return 0;
}
