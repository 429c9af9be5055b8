#ifndef PLUGIN_GATEWAY_CZLIB_SHIM_H
#define PLUGIN_GATEWAY_CZLIB_SHIM_H

#include <zlib.h>

// inflateInit2 is a macro, which Swift cannot import.
static inline int pg_inflate_gzip_init(z_stream *stream) {
    return inflateInit2(stream, 15 + 16);
}

// Used by tests and fakes to write what a compressing peer would write.
static inline int pg_deflate_gzip_init(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

#endif
