extension V2ToV1Rules {
    private static let noAdmission = "UNIMPLEMENTED: v1 settings have no API version that could be validated"
    private static let noConversion = "UNIMPLEMENTED: v1 settings have no API versions to convert between"

    /// Admission and conversion of Kubernetes-like objects.
    static let objects: [MessageRules] = [
        .notApplicable(
            "pluginv2.AdmissionRequest", .request, answer: noAdmission,
            [
                (1, "pluginContext", "pluginv2.PluginContext"), (2, "operation", "pluginv2.AdmissionRequest.Operation"),
                (3, "kind", "pluginv2.GroupVersionKind"), (4, "object_bytes", "bytes"), (5, "old_object_bytes", "bytes"),
            ]),
        .notApplicable(
            "pluginv2.GroupVersionKind", .request, answer: noAdmission,
            [(1, "group", "string"), (2, "version", "string"), (3, "kind", "string")]),
        .notApplicable(
            "pluginv2.ValidationResponse", .answer, answer: noAdmission,
            [(1, "allowed", "bool"), (2, "result", "pluginv2.StatusResult"), (3, "warnings", "repeated string")]),
        .notApplicable(
            "pluginv2.MutationResponse", .answer, answer: noAdmission,
            [
                (1, "allowed", "bool"), (2, "result", "pluginv2.StatusResult"), (3, "warnings", "repeated string"),
                (4, "object_bytes", "bytes"),
            ]),
        .notApplicable(
            "pluginv2.ConversionRequest", .request, answer: noConversion,
            [
                (1, "pluginContext", "pluginv2.PluginContext"), (2, "uid", "string"),
                (3, "objects", "repeated pluginv2.RawObject"),
                (4, "target_version", "pluginv2.GroupVersion"),
            ]),
        .notApplicable(
            "pluginv2.GroupVersion", .request, answer: noConversion, [(1, "group", "string"), (2, "version", "string")]),
        .notApplicable(
            "pluginv2.RawObject", .request, answer: noConversion, [(1, "raw", "bytes"), (2, "content_type", "string")]),
        .notApplicable(
            "pluginv2.ConversionResponse", .answer, answer: noConversion,
            [(1, "uid", "string"), (2, "result", "pluginv2.StatusResult"), (3, "objects", "repeated pluginv2.RawObject")]),
        .notApplicable(
            "pluginv2.StatusResult", .answer, answer: noAdmission,
            [(1, "status", "string"), (2, "message", "string"), (3, "reason", "string"), (4, "code", "int32")]),
    ]

    private static let noSecrets = "UNIMPLEMENTED: v1 has no secrets managers"
    private static let key = "secretsmanagerplugin.Key"
    private static let friendlyError = (number: UInt32(1), name: "userFriendlyError", type: "string")

    /// Secrets managers.
    static let secrets: [MessageRules] = [
        secret("Key", .request, [(1, "orgId", "int64"), (2, "namespace", "string"), (3, "type", "string")]),
        secret("Item", .answer, [(1, "key", key), (2, "value", "string")]),
        secret("GetSecretRequest", .request, [(1, "keyDescriptor", key)]),
        secret("GetSecretResponse", .answer, [friendlyError, (2, "decryptedValue", "string"), (3, "exists", "bool")]),
        secret("SetSecretRequest", .request, [(1, "keyDescriptor", key), (2, "value", "string")]),
        secret("SetSecretResponse", .answer, [friendlyError]),
        secret("DeleteSecretRequest", .request, [(1, "keyDescriptor", key)]),
        secret("DeleteSecretResponse", .answer, [friendlyError]),
        secret("ListSecretsRequest", .request, [(1, "keyDescriptor", key), (2, "allOrganizations", "bool")]),
        secret("ListSecretsResponse", .answer, [friendlyError, (2, "keys", "repeated \(key)")]),
        secret("RenameSecretRequest", .request, [(1, "keyDescriptor", key), (2, "newNamespace", "string")]),
        secret("RenameSecretResponse", .answer, [friendlyError]),
        secret("GetAllSecretsRequest", .request, []),
        secret("GetAllSecretsResponse", .answer, [friendlyError, (2, "items", "repeated secretsmanagerplugin.Item")]),
    ]

    private static func secret(
        _ name: String, _ direction: MessageRules.Direction, _ fields: [(number: UInt32, name: String, type: String)]
    ) -> MessageRules {
        .notApplicable("secretsmanagerplugin.\(name)", direction, answer: noSecrets, fields)
    }
}
