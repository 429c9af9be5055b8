/// The methods of protocol v1.
package enum V1Method {
    /// The only one of a data source.
    package static let query = "/models.DatasourcePlugin/Query"
    /// The only one of a renderer.
    package static let render = "/models.Renderer/Render"
}
