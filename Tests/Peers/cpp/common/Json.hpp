// JSON by way of google.protobuf.Struct: no further library, and the same rules as protobuf's own JSON.
#pragma once

#include <google/protobuf/struct.pb.h>

#include <map>
#include <string>
#include <string_view>

namespace peer {

using Object = google::protobuf::Struct;

// An empty object when `text` is empty or no JSON object.
Object parseObject(std::string_view text);

std::string toJson(const google::protobuf::Message& message);

// `fallback` when the member is absent or of another type.
double number(const Object& object, const std::string& name, double fallback);
bool flag(const Object& object, const std::string& name);
std::string text(const Object& object, const std::string& name);
// nullptr when the member is absent or no object.
const Object* member(const Object& object, const std::string& name);

void set(Object& object, const std::string& name, std::string_view value);
void set(Object& object, const std::string& name, double value);
void set(Object& object, const std::string& name, bool value);
void set(Object& object, const std::string& name, Object value);
void setNull(Object& object, const std::string& name);

std::string toBase64(std::string_view bytes);
// Empty when `text` is no base64 (padding is optional).
std::string fromBase64(std::string_view text);

// Name to list of values. Values of names that end in `-bin` are bytes, and base64 here.
template <typename Multimap>
Object metadataObject(const Multimap& metadata) {
    Object object;
    for (const auto& [name, value] : metadata) {
        const std::string key(name.data(), name.size());
        const std::string_view bytes(value.data(), value.size());
        const bool binary = key.size() >= 4 && key.compare(key.size() - 4, 4, "-bin") == 0;
        auto* list = (*object.mutable_fields())[key].mutable_list_value();
        list->add_values()->set_string_value(binary ? toBase64(bytes) : std::string(bytes));
    }
    return object;
}

}  // namespace peer
