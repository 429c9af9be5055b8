/// Stands in every build of the locator, so that `wrap` and `unwrap` know one when they see it, whatever its version.
package enum LocatorMark {
    package static let text = "plugin-gateway:locator:7d1f0c52"
}
