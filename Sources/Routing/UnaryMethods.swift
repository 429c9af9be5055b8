internal import GoPlugin

/// The methods of a plugin that have one reply. Others may send for as long as they like, so no time is set for them.
enum UnaryMethods {
    private static let paths: Set<String> = [
        "/pluginv2.Data/QueryData",
        "/pluginv2.Diagnostics/CheckHealth", "/pluginv2.Diagnostics/CollectMetrics",
        "/pluginv2.Stream/SubscribeStream", "/pluginv2.Stream/PublishStream",
        "/pluginv2.AdmissionControl/ValidateAdmission", "/pluginv2.AdmissionControl/MutateAdmission",
        "/pluginv2.ResourceConversion/ConvertObjects",
        "/pluginextensionv2.Provider/ConfigureProvider",
        "/pluginextensionv2.Renderer/Render", "/pluginextensionv2.Renderer/RenderCSV",
        "/pluginextensionv2.Sanitizer/Sanitize",
        "/secretsmanagerplugin.SecretsManager/GetSecret", "/secretsmanagerplugin.SecretsManager/SetSecret",
        "/secretsmanagerplugin.SecretsManager/DeleteSecret", "/secretsmanagerplugin.SecretsManager/ListSecrets",
        "/secretsmanagerplugin.SecretsManager/RenameSecret", "/secretsmanagerplugin.SecretsManager/GetAllSecrets",
        HealthMessages.check,
    ]

    static func contains(_ path: String) -> Bool { paths.contains(path) }

    /// For tests, which hold the list against the schemas.
    static var all: Set<String> { paths }
}
