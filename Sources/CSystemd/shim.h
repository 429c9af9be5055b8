#ifndef PLUGIN_GATEWAY_CSYSTEMD_SHIM_H
#define PLUGIN_GATEWAY_CSYSTEMD_SHIM_H

// The location macros would hide the functions from Swift; our entries carry the Swift location themselves.
#define SD_JOURNAL_SUPPRESS_LOCATION

#include <sys/uio.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

#endif
