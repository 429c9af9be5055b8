#include "common/Json.hpp"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cstdint>

namespace peer {

namespace {

const google::protobuf::Value* find(const Object& object, const std::string& name) {
    const auto found = object.fields().find(name);
    return found == object.fields().end() ? nullptr : &found->second;
}

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

Object parseObject(std::string_view text) {
    Object object;
    const google::protobuf::StringPiece piece(text.data(), text.size());
    if (!google::protobuf::util::JsonStringToMessage(piece, &object).ok()) object.Clear();
    return object;
}

std::string toJson(const google::protobuf::Message& message) {
    std::string text;
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = false;
    const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
    return status.ok() ? text : "{\"unprintable\":\"" + status.ToString() + "\"}";
}

double number(const Object& object, const std::string& name, double fallback) {
    const auto* value = find(object, name);
    return value != nullptr && value->has_number_value() ? value->number_value() : fallback;
}

bool flag(const Object& object, const std::string& name) {
    const auto* value = find(object, name);
    return value != nullptr && value->has_bool_value() && value->bool_value();
}

std::string text(const Object& object, const std::string& name) {
    const auto* value = find(object, name);
    return value != nullptr && value->has_string_value() ? value->string_value() : std::string();
}

const Object* member(const Object& object, const std::string& name) {
    const auto* value = find(object, name);
    return value != nullptr && value->has_struct_value() ? &value->struct_value() : nullptr;
}

void set(Object& object, const std::string& name, std::string_view value) {
    (*object.mutable_fields())[name].set_string_value(std::string(value));
}

void set(Object& object, const std::string& name, double value) {
    (*object.mutable_fields())[name].set_number_value(value);
}

void set(Object& object, const std::string& name, bool value) {
    (*object.mutable_fields())[name].set_bool_value(value);
}

void set(Object& object, const std::string& name, Object value) {
    *(*object.mutable_fields())[name].mutable_struct_value() = std::move(value);
}

void setNull(Object& object, const std::string& name) {
    (*object.mutable_fields())[name].set_null_value(google::protobuf::NULL_VALUE);
}

std::string toBase64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (size_t at = 0; at < bytes.size(); at += 3) {
        const size_t count = std::min<size_t>(3, bytes.size() - at);
        uint32_t group = 0;
        for (size_t i = 0; i < 3; ++i) {
            group = group << 8 | (i < count ? static_cast<uint8_t>(bytes[at + i]) : 0);
        }
        for (size_t i = 0; i < 4; ++i) {
            text += i <= count ? alphabet[group >> (18 - 6 * i) & 63] : '=';
        }
    }
    return text;
}

std::string fromBase64(std::string_view text) {
    std::string bytes;
    uint32_t group = 0;
    int bits = 0;
    for (const char character : text) {
        if (character == '=') break;
        const auto digit = alphabet.find(character);
        if (digit == std::string_view::npos) return {};
        group = group << 6 | static_cast<uint32_t>(digit);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(group >> bits & 255);
        }
    }
    return bytes;
}

}  // namespace peer
