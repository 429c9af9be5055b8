// Every file here starts programs with it.
@_exported public import ProcessHarness
import Testing

/// Everything here runs real programs: the gateway, the locator, go-plugin hosts and plugins, C++ peers, Python judges.
/// One test at a time: they start many processes, and some count what is left of them.
@Suite(.serialized) enum EndToEnd {}
