// What stands behind every proxy of the benchmark: a gRPC server on nghttp2 and epoll, with one thread and as little work per call as can be.
//
//   upstream SOCKET       serves on SOCKET
//   upstream              as a plugin of today's protocol: wants grafana_plugin_type=datasource, makes a socket and prints the handshake line
//
//   /bench.Unary/N        one message of N bytes
//   /bench.Stream/MxN     M messages of N bytes, each a DATA frame of its own (or several)
//   /grpc.health.v1.Health/Check, /plugin.GRPCController/Shutdown     what plugins have
//
// Every other method is UNIMPLEMENTED. Requests are read to their end and not looked into.

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unordered_map>
#include <vector>

#include <fcntl.h>
#include <nghttp2/nghttp2.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

constexpr std::size_t largest_message = 16 << 20;
constexpr std::size_t output_at_a_time = 256 * 1024;
constexpr std::size_t prefix_size = 5;

std::vector<std::uint8_t> content;
bool is_asked_to_end = false;

struct Stream {
    std::string path;
    std::vector<std::uint8_t> message;  // of a fixed answer; else `content` is sent
    std::size_t size = 0;
    std::size_t messages_left = 0;
    std::size_t sent = 0;  // of the present message, its prefix included

    void answer_with(std::size_t bytes, std::size_t count) {
        size = bytes;
        messages_left = count;
    }
};

struct Connection {
    int descriptor = -1;
    nghttp2_session *session = nullptr;
    std::unordered_map<std::int32_t, Stream> streams;
    std::vector<std::uint8_t> output;
    std::size_t written = 0;
    bool waits_to_write = false;
};

nghttp2_nv header(const char *name, const char *value) {
    // The texts are literals: nghttp2 need not copy them.
    return {reinterpret_cast<std::uint8_t *>(const_cast<char *>(name)), reinterpret_cast<std::uint8_t *>(const_cast<char *>(value)),
            std::strlen(name), std::strlen(value), NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

// Fills one DATA frame, which ends with its message.
ssize_t read_message(nghttp2_session *session, std::int32_t id, std::uint8_t *buffer, std::size_t room, std::uint32_t *flags,
                     nghttp2_data_source *source, void *) {
    auto &stream = *static_cast<Stream *>(source->ptr);
    std::size_t total = prefix_size + stream.size;
    std::size_t count = std::min(room, total - stream.sent);
    std::size_t filled = 0;
    if (stream.sent < prefix_size) {
        std::uint8_t prefix[prefix_size] = {0, static_cast<std::uint8_t>(stream.size >> 24), static_cast<std::uint8_t>(stream.size >> 16),
                                            static_cast<std::uint8_t>(stream.size >> 8), static_cast<std::uint8_t>(stream.size)};
        filled = std::min(count, prefix_size - stream.sent);
        std::memcpy(buffer, prefix + stream.sent, filled);
    }
    const std::uint8_t *bytes = stream.message.empty() ? content.data() : stream.message.data();
    if (count > filled) std::memcpy(buffer + filled, bytes + (stream.sent + filled - prefix_size), count - filled);
    stream.sent += count;
    if (stream.sent == total) {
        stream.sent = 0;
        stream.messages_left -= 1;
        if (stream.messages_left == 0) {
            *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
            nghttp2_nv trailers[] = {header("grpc-status", "0")};
            nghttp2_submit_trailer(session, id, trailers, 1);
        }
    }
    return static_cast<ssize_t>(count);
}

// What a path asks for; false for a path that nobody knows.
bool choose(Stream &stream) {
    const std::string &path = stream.path;
    unsigned long long count = 0, size = 0;
    int end = 0;
    if (std::sscanf(path.c_str(), "/bench.Unary/%llu%n", &size, &end) == 1 && end == static_cast<int>(path.size())) {
        if (size > largest_message) return false;
        stream.answer_with(size, 1);
        return true;
    }
    if (std::sscanf(path.c_str(), "/bench.Stream/%llux%llu%n", &count, &size, &end) == 2 && end == static_cast<int>(path.size())) {
        if (size > largest_message || count == 0) return false;
        stream.answer_with(size, count);
        return true;
    }
    if (path == "/grpc.health.v1.Health/Check") {
        stream.message = {0x08, 0x01};  // SERVING
        stream.answer_with(stream.message.size(), 1);
        return true;
    }
    if (path == "/plugin.GRPCController/Shutdown") {
        is_asked_to_end = true;
        stream.answer_with(0, 1);
        return true;
    }
    return false;
}

void respond(Connection &connection, std::int32_t id) {
    auto found = connection.streams.find(id);
    if (found == connection.streams.end()) return;
    nghttp2_nv headers[] = {header(":status", "200"), header("content-type", "application/grpc"), header("grpc-status", "12"),
                            header("grpc-message", "this server has no such method")};
    if (!choose(found->second)) {
        nghttp2_submit_response(connection.session, id, headers, 4, nullptr);
        return;
    }
    nghttp2_data_provider provider;
    provider.source.ptr = &found->second;
    provider.read_callback = read_message;
    nghttp2_submit_response(connection.session, id, headers, 2, &provider);
}

int on_begin_headers(nghttp2_session *, const nghttp2_frame *frame, void *data) {
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
        static_cast<Connection *>(data)->streams.try_emplace(frame->hd.stream_id);
    }
    return 0;
}

int on_header(nghttp2_session *, const nghttp2_frame *frame, const std::uint8_t *name, std::size_t name_size, const std::uint8_t *value,
              std::size_t value_size, std::uint8_t, void *data) {
    if (name_size == 5 && std::memcmp(name, ":path", 5) == 0) {
        static_cast<Connection *>(data)->streams[frame->hd.stream_id].path.assign(reinterpret_cast<const char *>(value), value_size);
    }
    return 0;
}

int on_frame(nghttp2_session *, const nghttp2_frame *frame, void *data) {
    bool may_end = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
    if (may_end && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) respond(*static_cast<Connection *>(data), frame->hd.stream_id);
    return 0;
}

int on_stream_close(nghttp2_session *, std::int32_t id, std::uint32_t, void *data) {
    static_cast<Connection *>(data)->streams.erase(id);
    return 0;
}

class Server {
public:
    explicit Server(int listener) : listener_(listener), poll_(epoll_create1(EPOLL_CLOEXEC)), input_(output_at_a_time) {
        nghttp2_session_callbacks_new(&callbacks_);
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks_, on_begin_headers);
        nghttp2_session_callbacks_set_on_header_callback(callbacks_, on_header);
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks_, on_frame);
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks_, on_stream_close);
        watch(EPOLL_CTL_ADD, listener_, EPOLLIN, nullptr);
    }

    // Until a call of Shutdown has been answered.
    void run() {
        epoll_event events[64];
        while (!is_asked_to_end) {
            int count = epoll_wait(poll_, events, 64, -1);
            for (int place = 0; place < count; place++) {
                auto *connection = static_cast<Connection *>(events[place].data.ptr);
                if (connection == nullptr) {
                    accept_all();
                } else if (!serve(*connection, events[place].events)) {
                    close_connection(connection);
                }
            }
        }
    }

private:
    void watch(int operation, int descriptor, std::uint32_t events, Connection *connection) {
        epoll_event event{};
        event.events = events;
        event.data.ptr = connection;
        epoll_ctl(poll_, operation, descriptor, &event);
    }

    void accept_all() {
        for (;;) {
            int descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (descriptor < 0) return;
            auto *connection = new Connection;
            connection->descriptor = descriptor;
            nghttp2_session_server_new(&connection->session, callbacks_, connection);
            nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1000},
                                                 {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20}};
            nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, settings, 2);
            nghttp2_session_set_local_window_size(connection->session, NGHTTP2_FLAG_NONE, 0, 8 << 20);
            watch(EPOLL_CTL_ADD, descriptor, EPOLLIN, connection);
            if (!flush(*connection)) close_connection(connection);
        }
    }

    bool serve(Connection &connection, std::uint32_t events) {
        if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
            ssize_t count = read(connection.descriptor, input_.data(), input_.size());
            if (count == 0 || (count < 0 && errno != EAGAIN)) return false;
            if (count > 0 && nghttp2_session_mem_recv(connection.session, input_.data(), static_cast<std::size_t>(count)) < 0) return false;
        }
        return flush(connection) && (nghttp2_session_want_read(connection.session) || nghttp2_session_want_write(connection.session));
    }

    // Writes what the session has, as far as the socket takes it; false when the connection is of no more use.
    bool flush(Connection &connection) {
        for (;;) {
            while (connection.output.size() < output_at_a_time) {
                const std::uint8_t *bytes = nullptr;
                ssize_t count = nghttp2_session_mem_send(connection.session, &bytes);
                if (count < 0) return false;
                if (count == 0) break;
                connection.output.insert(connection.output.end(), bytes, bytes + count);
            }
            while (connection.written < connection.output.size()) {
                ssize_t count =
                    write(connection.descriptor, connection.output.data() + connection.written, connection.output.size() - connection.written);
                if (count < 0) return errno == EAGAIN && wait_to_write(connection, true);
                connection.written += static_cast<std::size_t>(count);
            }
            if (connection.output.empty()) return wait_to_write(connection, false);
            connection.output.clear();
            connection.written = 0;
        }
    }

    bool wait_to_write(Connection &connection, bool waits) {
        if (connection.waits_to_write != waits) {
            watch(EPOLL_CTL_MOD, connection.descriptor, waits ? EPOLLIN | EPOLLOUT : EPOLLIN, &connection);
            connection.waits_to_write = waits;
        }
        return true;
    }

    void close_connection(Connection *connection) {
        close(connection->descriptor);
        nghttp2_session_del(connection->session);
        delete connection;
    }

    int listener_;
    int poll_;
    nghttp2_session_callbacks *callbacks_ = nullptr;
    std::vector<std::uint8_t> input_;
};

int listen_on(const std::string &path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        std::fprintf(stderr, "upstream: %s is longer than a socket's path may be\n", path.c_str());
        std::exit(64);
    }
    std::memcpy(address.sun_path, path.c_str(), path.size());
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    unlink(path.c_str());
    if (descriptor < 0 || bind(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0 || listen(descriptor, 512) != 0) {
        std::fprintf(stderr, "upstream: cannot listen on %s: %s\n", path.c_str(), std::strerror(errno));
        std::exit(69);
    }
    return descriptor;
}

std::string place_of_plugin_socket() {
    for (const char *name : {"PLUGIN_UNIX_SOCKET_DIR", "TMPDIR"}) {
        const char *directory = std::getenv(name);
        if (directory != nullptr && *directory != 0) return std::string(directory) + "/bench-" + std::to_string(getpid());
    }
    return "/tmp/bench-" + std::to_string(getpid());
}

}  // namespace

int main(int count, char **arguments) {
    std::signal(SIGPIPE, SIG_IGN);
    content.assign(largest_message, 'a');
    if (count == 2) {
        Server(listen_on(arguments[1])).run();
        return 0;
    }
    const char *cookie = std::getenv("grafana_plugin_type");
    if (count != 1 || cookie == nullptr || std::strcmp(cookie, "datasource") != 0) {
        std::fputs("usage: upstream SOCKET, or as a plugin with grafana_plugin_type=datasource in the environment\n", stderr);
        return 64;
    }
    std::string path = place_of_plugin_socket();
    int listener = listen_on(path);
    std::printf("1|2|unix|%s|grpc|\n", path.c_str());
    std::fflush(stdout);
    Server(listener).run();
    unlink(path.c_str());
    return 0;
}
