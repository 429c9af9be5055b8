#include "host/Arguments.hpp"

#include "common/Json.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

namespace peer {

namespace {

constexpr const char* usage =
    "usage: v2-host TARGET OPERATION [JSON] [flags]\n"
    "       v2-host TARGET call METHOD [JSON] [flags]\n"
    "       v2-host TARGET raw METHOD [BASE64] [flags]\n"
    "\n"
    "TARGET      a unix socket's path, or HOST:PORT\n"
    "OPERATION   health, shutdown, or a method's name such as QueryData\n"
    "METHOD      such as pluginv2.Data/QueryData\n"
    "JSON        the request as protobuf JSON; @FILE reads a file, - standard input\n"
    "\n"
    "--metadata NAME=VALUE     repeated; a name that ends in -bin takes base64\n"
    "--deadline-ms N           --cancel-after-ms N     --cancel-after-replies N\n"
    "--read-delay-ms N         wait before each further reply is read\n"
    "--gzip                    compress the request\n"
    "--quiet                   no replies, only the last line\n"
    "--count N --concurrency M many calls; the last line has errors and percentiles\n";

[[noreturn]] void refuse(const std::string& problem) {
    std::cerr << "v2-host: " << problem << "\n\n" << usage;
    exit(64);
}

int64_t integer(const std::string& name, const std::string& value, int64_t least) {
    char* end = nullptr;
    const long long number = strtoll(value.c_str(), &end, 10);
    if (value.empty() || *end != '\0' || number < least) refuse(name + " takes a number of at least " + std::to_string(least));
    return number;
}

std::string contents(const std::string& argument) {
    if (argument == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
    if (argument.empty() || argument.front() != '@') return argument;
    std::ifstream file(argument.substr(1), std::ios::binary);
    if (!file) refuse("cannot read " + argument.substr(1));
    return {std::istreambuf_iterator<char>(file), {}};
}

std::pair<std::string, std::string> metadataEntry(const std::string& argument) {
    const auto equals = argument.find('=');
    if (equals == std::string::npos) refuse("--metadata takes NAME=VALUE");
    std::string name = argument.substr(0, equals);
    std::string value = argument.substr(equals + 1);
    if (name.size() >= 4 && name.compare(name.size() - 4, 4, "-bin") == 0) value = fromBase64(value);
    return {std::move(name), std::move(value)};
}

}  // namespace

Arguments Arguments::parse(int count, char** values) {
    Arguments parsed;
    std::vector<std::string> positional;
    for (int index = 1; index < count; ++index) {
        const std::string argument = values[index];
        if (argument.rfind("--", 0) != 0) {
            positional.push_back(argument);
            continue;
        }
        if (argument == "--gzip" || argument == "--quiet") {
            (argument == "--gzip" ? parsed.gzip : parsed.quiet) = true;
            continue;
        }
        if (++index == count) refuse(argument + " takes a value");
        const std::string value = values[index];
        if (argument == "--metadata") parsed.metadata.push_back(metadataEntry(value));
        else if (argument == "--deadline-ms") parsed.deadlineMilliseconds = integer(argument, value, 0);
        else if (argument == "--cancel-after-ms") parsed.cancelAfterMilliseconds = integer(argument, value, 0);
        else if (argument == "--cancel-after-replies") parsed.cancelAfterReplies = integer(argument, value, 1);
        else if (argument == "--read-delay-ms") parsed.readDelayMilliseconds = integer(argument, value, 0);
        else if (argument == "--count") parsed.count = integer(argument, value, 1);
        else if (argument == "--concurrency") parsed.concurrency = integer(argument, value, 1);
        else refuse("unknown flag " + argument);
    }

    if (positional.size() < 2) refuse("TARGET and OPERATION are missing");
    parsed.target = positional[0];
    parsed.operation = positional[1];
    const bool named = parsed.operation == "call" || parsed.operation == "raw";
    const size_t methodAt = named ? 2 : 1;
    if (positional.size() <= methodAt) refuse(parsed.operation + " takes a METHOD");
    if (positional.size() > methodAt + 2) refuse("too many arguments");
    parsed.raw = parsed.operation == "raw";
    parsed.method = positional[methodAt];
    if (positional.size() > methodAt + 1) parsed.request = contents(positional[methodAt + 1]);

    if (parsed.operation == "health") {
        parsed.method = "grpc.health.v1.Health/Check";
        if (parsed.request.empty()) parsed.request = R"({"service":"plugin"})";
    } else if (parsed.operation == "shutdown") {
        parsed.method = "plugin.GRPCController/Shutdown";
    }
    return parsed;
}

}  // namespace peer
