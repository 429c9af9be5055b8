// Decodes messages with libprotobuf and prints them again, thousands in one run:   oracle < REQUESTS > ANSWERS
//
// A request is   u32 length of the name, the message's full name, u32 length, the encoded message   (little-endian).
// An answer is   u8 verdict, u32 unknown fields, u32 length, bytes. Verdict 1: the bytes are the message in the canonical encoding (fields and
// map entries in order, unknown fields left out). Verdict 0: libprotobuf refuses the message; the bytes are empty. 2: there is no such message.
//
// Ends with status 0 when the input ends between two requests, else with 65.

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "backend.pb.h"
#include "datasource.pb.h"
#include "renderer.pb.h"
#include "rendererv2.pb.h"

namespace {

using google::protobuf::Message;

bool Read(std::string* bytes, uint32_t length) {
    bytes->resize(length);
    return length == 0 || std::fread(&(*bytes)[0], 1, length, stdin) == length;
}

enum class Next { kNumber, kEnd, kCut };

Next ReadNumber(uint32_t* number) {
    unsigned char bytes[4];
    size_t count = std::fread(bytes, 1, 4, stdin);
    if (count == 0) return Next::kEnd;
    if (count < 4) return Next::kCut;
    *number = bytes[0] | bytes[1] << 8 | bytes[2] << 16 | static_cast<uint32_t>(bytes[3]) << 24;
    return Next::kNumber;
}

void WriteNumber(uint32_t number) {
    unsigned char bytes[4] = {static_cast<unsigned char>(number), static_cast<unsigned char>(number >> 8),
                              static_cast<unsigned char>(number >> 16), static_cast<unsigned char>(number >> 24)};
    std::fwrite(bytes, 1, 4, stdout);
}

void Answer(uint8_t verdict, uint32_t unknown, const std::string& bytes) {
    std::fputc(verdict, stdout);
    WriteNumber(unknown);
    WriteNumber(static_cast<uint32_t>(bytes.size()));
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
}

// Counts the unknown fields of a message and of all messages in it.
uint32_t CountUnknown(const Message& message) {
    const google::protobuf::Reflection* reflection = message.GetReflection();
    uint32_t count = reflection->GetUnknownFields(message).field_count();
    std::vector<const google::protobuf::FieldDescriptor*> fields;
    reflection->ListFields(message, &fields);
    for (const google::protobuf::FieldDescriptor* field : fields) {
        if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) continue;
        if (!field->is_repeated()) {
            count += CountUnknown(reflection->GetMessage(message, field));
        } else {
            for (int index = 0; index < reflection->FieldSize(message, field); index++) {
                count += CountUnknown(reflection->GetRepeatedMessage(message, field, index));
            }
        }
    }
    return count;
}

void Judge(const std::string& name, const std::string& bytes) {
    const google::protobuf::Descriptor* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(name);
    if (descriptor == nullptr) return Answer(2, 0, "");
    std::unique_ptr<Message> message(google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
    if (!message->ParseFromString(bytes)) return Answer(0, 0, "");
    uint32_t unknown = CountUnknown(*message);
    message->DiscardUnknownFields();
    std::string canonical;
    {
        google::protobuf::io::StringOutputStream sink(&canonical);
        google::protobuf::io::CodedOutputStream output(&sink);
        output.SetSerializationDeterministic(true);
        message->SerializeToCodedStream(&output);
    }
    Answer(1, unknown, canonical);
}

}  // namespace

int main() {
    GOOGLE_PROTOBUF_VERIFY_VERSION;
    // Refused messages are an answer here, not something to log.
    google::protobuf::SetLogHandler(nullptr);
    // The generated pool knows a file when something of it was touched.
    pluginv2::QueryDataRequest::descriptor();
    pluginextensionv2::RenderRequest::descriptor();
    models::DatasourceRequest::descriptor();
    models::RenderRequest::descriptor();
    while (true) {
        uint32_t length = 0;
        std::string name, bytes;
        Next next = ReadNumber(&length);
        if (next == Next::kEnd) return 0;
        if (next == Next::kCut || !Read(&name, length)) return 65;
        if (ReadNumber(&length) != Next::kNumber || !Read(&bytes, length)) return 65;
        Judge(name, bytes);
    }
}
