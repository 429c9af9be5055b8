// What Google's C++ library takes to decode a `models.DatasourceResponse`: the decoding alone, with nothing made of it.
// Built into a library of its own by `make bench-translation`; the benchmark loads it and calls it in its own process.

#include <cstdint>
#include <vector>

#include <google/protobuf/arena.h>

#include "datasource.pb.h"

namespace {

// What is in the message, so that the caller can see that it was decoded; -1 when it was not.
std::int64_t contents(const models::DatasourceResponse &reply) {
    std::int64_t count = 0;
    for (const auto &result : reply.results()) {
        for (const auto &series : result.series()) count += series.points_size();
        for (const auto &table : result.tables()) {
            count += static_cast<std::int64_t>(table.rows_size()) * table.columns_size();
        }
    }
    return count;
}

std::int64_t decode_into(google::protobuf::Arena &arena, const void *bytes, std::size_t size) {
    auto *reply = google::protobuf::Arena::CreateMessage<models::DatasourceResponse>(&arena);
    return reply->ParseFromArray(bytes, static_cast<int>(size)) ? contents(*reply) : -1;
}

}  // namespace

extern "C" {

// Every message a block of its own, as the library does unasked.
std::int64_t decode_on_heap(const void *bytes, std::size_t size) {
    models::DatasourceResponse reply;
    return reply.ParseFromArray(bytes, static_cast<int>(size)) ? contents(reply) : -1;
}

// Messages in blocks of the arena, which are made for this call.
std::int64_t decode_on_arena(const void *bytes, std::size_t size) {
    google::protobuf::Arena arena;
    return decode_into(arena, bytes, size);
}

// The best case: all in one block that is there already and whose pages are warm. No server that answers calls of any size has that.
std::int64_t decode_on_warm_arena(const void *bytes, std::size_t size) {
    static std::vector<char> block;
    google::protobuf::ArenaOptions options;
    options.initial_block = block.data();
    options.initial_block_size = block.size();
    google::protobuf::Arena arena(options);
    std::int64_t count = decode_into(arena, bytes, size);
    if (arena.SpaceAllocated() > block.size()) {
        // The next call has room for all of it.
        std::size_t needed = arena.SpaceAllocated() * 2;
        arena.Reset();
        block.assign(needed, 0);
        return decode_on_arena(bytes, size);
    }
    return count;
}
}
