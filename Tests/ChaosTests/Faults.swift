import Testing

/// Everything here does harm to real programs: the gateway, the locator, hosts and plugins.
/// One test at a time: they count processes and descriptors, and measure what the gateway uses.
@Suite(.serialized) enum Faults {}
