// Stands in the place of a plugin's executable: has the gateway run the plugin, tells the host where to find it, and stays until the
// host or the plugin ends.
internal import ControlProtocol
internal import Glibc

if CommandLine.arguments.dropFirst().first == "--locator-mark" {
    print(LocatorMark.text)
    exit(0)
}
exit(Locator.run())
