// Every method of the plugin protocols, from the descriptors that the build leaves beside the program.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>

#include <memory>
#include <string>
#include <vector>

namespace peer {

class Schemas {
public:
    // Reads `schemas.binpb` from the program's directory. Ends the program with a message when that fails.
    Schemas();

    // `pluginv2.Data/QueryData`, `/pluginv2.Data/QueryData`, or `QueryData` when one pluginv2 service (or else one of all) has it.
    // nullptr when there is none.
    const google::protobuf::MethodDescriptor* method(std::string name) const;

    std::unique_ptr<google::protobuf::Message> make(const google::protobuf::Descriptor* type);

private:
    google::protobuf::DescriptorPool pool;
    google::protobuf::DynamicMessageFactory factory;
    std::vector<const google::protobuf::FileDescriptor*> files;
};

// `/package.Service/Method`.
std::string path(const google::protobuf::MethodDescriptor& method);

}  // namespace peer
