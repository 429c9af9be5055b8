/// The variable by which a plugin knows that a host started it, and not a person.
package enum MagicCookie {
    package static let key = "grafana_plugin_type"

    /// What every datasource and, since version 2, every backend plugin expects.
    package static let datasource = "datasource"
    /// What image renderers of version 1 expect.
    package static let renderer = "renderer"

    /// The values Grafana hands to plugins.
    package static let known = [datasource, renderer]
}
