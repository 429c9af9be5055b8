#include "host/Call.hpp"

#include <grpcpp/support/byte_buffer.h>

#include <optional>
#include <thread>
#include <vector>

namespace peer {

namespace {

using Clock = std::chrono::system_clock;

std::string bytes(const grpc::ByteBuffer& buffer) {
    std::vector<grpc::Slice> slices;
    std::string whole;
    if (!buffer.Dump(&slices).ok()) return whole;
    whole.reserve(buffer.Length());
    for (const auto& slice : slices) whole.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    return whole;
}

// Waits for events of one call, and cancels it when its time has come.
class Events {
public:
    Events(grpc::ClientContext& context, std::optional<Clock::time_point> cancelAt) : context(context), cancelAt(cancelAt) {}

    ~Events() {
        queue.Shutdown();
        void* tag = nullptr;
        bool worked = false;
        while (queue.Next(&tag, &worked)) {
        }
    }

    grpc::CompletionQueue* completionQueue() { return &queue; }

    // True when the operation did its work.
    bool wait() {
        void* tag = nullptr;
        bool worked = false;
        if (cancelAt && queue.AsyncNext(&tag, &worked, *cancelAt) == grpc::CompletionQueue::GOT_EVENT) return worked;
        if (cancelAt) {
            context.TryCancel();
            cancelAt.reset();
        }
        return queue.Next(&tag, &worked) && worked;
    }

private:
    grpc::ClientContext& context;
    grpc::CompletionQueue queue;
    std::optional<Clock::time_point> cancelAt;
};

void configure(grpc::ClientContext& context, const Arguments& arguments) {
    for (const auto& [name, value] : arguments.metadata) context.AddMetadata(name, value);
    if (arguments.deadlineMilliseconds) {
        context.set_deadline(Clock::now() + std::chrono::milliseconds(*arguments.deadlineMilliseconds));
    }
    if (arguments.gzip) context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
}

}  // namespace

std::shared_ptr<grpc::Channel> openChannel(const std::string& target) {
    grpc::ChannelArguments settings;
    settings.SetMaxReceiveMessageSize(-1);
    settings.SetMaxSendMessageSize(-1);
    const bool socket = target.find('/') != std::string::npos;
    return grpc::CreateCustomChannel(socket ? "unix:" + target : target, grpc::InsecureChannelCredentials(), settings);
}

CallResult performCall(grpc::GenericStub& stub, const std::string& path, const std::string& request, const Arguments& arguments,
                       const std::function<void(const std::string&)>& onReply) {
    const auto start = std::chrono::steady_clock::now();
    CallResult result;
    grpc::ClientContext context;
    configure(context, arguments);
    std::optional<Clock::time_point> cancelAt;
    if (arguments.cancelAfterMilliseconds) cancelAt = Clock::now() + std::chrono::milliseconds(*arguments.cancelAfterMilliseconds);

    Events events(context, cancelAt);
    const auto call = stub.PrepareCall(&context, path, events.completionQueue());
    call->StartCall(nullptr);
    if (events.wait()) {
        grpc::Slice slice(request);
        call->WriteLast(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), nullptr);
        bool more = events.wait();
        while (more) {
            grpc::ByteBuffer reply;
            call->Read(&reply, nullptr);
            more = events.wait();
            if (!more) break;
            result.replies += 1;
            result.replyBytes += static_cast<int64_t>(reply.Length());
            if (onReply) onReply(bytes(reply));
            if (arguments.cancelAfterReplies && result.replies == *arguments.cancelAfterReplies) context.TryCancel();
            if (arguments.readDelayMilliseconds > 0) {
                std::this_thread::sleep_for(std::chrono::milliseconds(arguments.readDelayMilliseconds));
            }
        }
    }
    call->Finish(&result.status, nullptr);
    events.wait();

    result.duration = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
    result.initialMetadata = metadataObject(context.GetServerInitialMetadata());
    result.trailers = metadataObject(context.GetServerTrailingMetadata());
    return result;
}

}  // namespace peer
