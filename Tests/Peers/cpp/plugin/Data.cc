#include "plugin/Controls.hpp"
#include "plugin/Log.hpp"
#include "plugin/Services.hpp"

#include "backend.grpc.pb.h"

#include <cstdlib>

namespace peer {

namespace {

// A frame of the format JSON: two rows of time and value within the query's range.
std::string smallFrame(const pluginv2::DataQuery& query) {
    const auto from = std::to_string(query.timerange().fromepochms());
    const auto to = std::to_string(query.timerange().toepochms());
    Object name;
    set(name, "name", std::string_view(query.refid()));
    set(name, "refId", std::string_view(query.refid()));
    std::string schema = toJson(name);
    schema.pop_back();
    return "{\"schema\":" + schema +
        ",\"fields\":["
        "{\"name\":\"time\",\"type\":\"time\",\"typeInfo\":{\"frame\":\"time.Time\"}},"
        "{\"name\":\"value\",\"type\":\"number\",\"typeInfo\":{\"frame\":\"float64\"}}]},"
        "\"data\":{\"values\":[[" + from + "," + to + "],[1.5,-2]]}}";
}

// The Arrow files that the query brought along.
void addArrow(pluginv2::DataResponse& response, const Controls& controls) {
    const auto files = controls.source.fields().find("arrow");
    if (files == controls.source.fields().end()) return;
    for (const auto& file : files->second.list_value().values()) response.add_frames(fromBase64(file.string_value()));
}

// Whether to be a plugin from before QueryChunkedData, and of which kind.
std::string age() {
    const char* value = std::getenv("V2_PLUGIN_CHUNKS");
    return value == nullptr ? "" : value;
}

Object describeQuery(const grpc::ServerContext& context, const pluginv2::QueryDataRequest& request,
                     const pluginv2::DataQuery& query, const Controls& controls) {
    Object meta = describe(context);
    set(meta, "requestBytes", static_cast<double>(request.ByteSizeLong()));
    set(meta, "requestedFormat", std::string_view(pluginv2::DataFrameFormat_Name(request.format())));
    set(meta, "query", parseObject(toJson(query)));
    if (flag(controls.source, "request")) set(meta, "request", parseObject(toJson(request)));
    if (flag(controls.source, "process")) set(meta, "process", describeProcess());
    return meta;
}

pluginv2::DataResponse answer(const grpc::ServerContext& context, const pluginv2::QueryDataRequest& request,
                              const pluginv2::DataQuery& query, const Controls& controls) {
    pluginv2::DataResponse response;
    response.set_status(200);
    response.set_jsonmeta(toJson(describeQuery(context, request, query, controls)));
    const auto error = text(controls.source, "error");
    if (!error.empty() && flag(controls.source, "withFrames")) addArrow(response, controls);
    if (!error.empty()) {
        response.set_error(error);
        response.set_status(static_cast<int32_t>(controls.count("status", 500)));
        response.set_errorsource(text(controls.source, "errorSource"));
    } else if (controls.source.fields().count("arrow") != 0) {
        addArrow(response, controls);
    } else if (flag(controls.source, "echo")) {
        response.add_frames(query.json());
    } else if (controls.source.fields().count("bytes") != 0) {
        response.add_frames(filler(controls.count("bytes")));
    } else {
        response.add_frames(smallFrame(query));
        response.set_format(pluginv2::JSON);
    }
    return response;
}

class Data final : public pluginv2::Data::Service {
    grpc::Status QueryData(grpc::ServerContext* context, const pluginv2::QueryDataRequest* request,
                           pluginv2::QueryDataResponse* reply) override {
        if (auto end = begin(*context)) return *end;
        for (const auto& query : request->queries()) {
            const Controls controls(query.json());
            if (auto end = controls.apply(*context)) return *end;
            (*reply->mutable_responses())[query.refid()] = answer(*context, *request, query, controls);
        }
        return grpc::Status::OK;
    }

    grpc::Status QueryChunkedData(grpc::ServerContext* context, const pluginv2::QueryChunkedDataRequest* request,
                                  grpc::ServerWriter<pluginv2::QueryChunkedDataResponse>* writer) override {
        if (auto end = begin(*context)) return *end;
        log("info", "asked for chunks", {{"age", age()}});
        if (age() == "unimplemented") return grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "unknown method QueryChunkedData");
        if (age() == "no-handler") {
            // What the plugin SDK sends for a plugin without a handler.
            pluginv2::QueryChunkedDataResponse nothing;
            nothing.set_status(501);
            writer->Write(nothing);
            return grpc::Status::OK;
        }
        for (const auto& query : request->queries()) {
            const Controls controls(query.json());
            if (auto end = controls.apply(*context)) return *end;
            if (controls.source.fields().count("arrow") != 0) {
                pluginv2::DataResponse response;
                addArrow(response, controls);
                for (const auto& file : response.frames()) {
                    pluginv2::QueryChunkedDataResponse part;
                    part.set_refid(query.refid());
                    part.set_frameid("frame");
                    part.set_status(200);
                    part.set_frame(file);
                    writer->Write(part);
                }
                continue;
            }
            const auto chunks = controls.count("chunks", 3);
            for (int64_t chunk = 0; chunk < chunks; ++chunk) {
                pluginv2::QueryChunkedDataResponse part;
                part.set_refid(query.refid());
                part.set_frameid(text(controls.source, "frameId").empty() ? "frame" : text(controls.source, "frameId"));
                part.set_status(200);
                if (controls.source.fields().count("bytes") != 0) {
                    part.set_frame(filler(controls.count("bytes")));
                } else {
                    part.set_frame("chunk " + std::to_string(chunk) + " of " + query.refid());
                }
                if (!writer->Write(part) || !pause(*context, controls.count("intervalMs"))) {
                    log("info", "chunks cancelled by the host", {{"refId", query.refid()}, {"sent", std::to_string(chunk)}});
                    return grpc::Status(grpc::StatusCode::CANCELLED, "cancelled in the middle of the chunks");
                }
            }
        }
        return grpc::Status::OK;
    }
};

}  // namespace

std::unique_ptr<grpc::Service> makeData() { return std::make_unique<Data>(); }

}  // namespace peer
