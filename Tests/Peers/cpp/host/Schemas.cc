#include "host/Schemas.hpp"

#include <google/protobuf/descriptor.pb.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace peer {

Schemas::Schemas() : factory(&pool) {
    const auto file = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "schemas.binpb";
    std::ifstream stream(file, std::ios::binary);
    google::protobuf::FileDescriptorSet set;
    if (!stream || !set.ParseFromIstream(&stream)) {
        std::cerr << "v2-host: no schemas in " << file << "; build again with build.sh\n";
        exit(70);
    }
    for (const auto& description : set.file()) {
        if (const auto* built = pool.BuildFile(description)) files.push_back(built);
    }
}

const google::protobuf::MethodDescriptor* Schemas::method(std::string name) const {
    if (!name.empty() && name.front() == '/') name.erase(0, 1);
    if (const auto slash = name.find('/'); slash != std::string::npos) {
        name[slash] = '.';
        return pool.FindMethodByName(name);
    }
    const google::protobuf::MethodDescriptor* found = nullptr;
    for (const auto* file : files) {
        for (int service = 0; service < file->service_count(); ++service) {
            const auto* method = file->service(service)->FindMethodByName(name);
            if (method == nullptr) continue;
            if (file->package() == "pluginv2") return method;
            if (found != nullptr) return nullptr;
            found = method;
        }
    }
    return found;
}

std::unique_ptr<google::protobuf::Message> Schemas::make(const google::protobuf::Descriptor* type) {
    return std::unique_ptr<google::protobuf::Message>(factory.GetPrototype(type)->New());
}

std::string path(const google::protobuf::MethodDescriptor& method) {
    return "/" + method.service()->full_name() + "/" + method.name();
}

}  // namespace peer
