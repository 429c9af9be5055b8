extension RuleBook {
    /// Host 2 → plugin 1: requests of v2 go down to v1, answers of v1 go up to v2. The order is that of the documentation.
    package static let v2ToV1 = RuleBook(
        host: 2, plugin: 1,
        methods: V2ToV1Rules.methods,
        messages: V2ToV1Rules.queryRequest + V2ToV1Rules.context + V2ToV1Rules.pluginRequest + V2ToV1Rules.pluginAnswer
            + V2ToV1Rules.queryAnswer + V2ToV1Rules.renderer + V2ToV1Rules.diagnostics + V2ToV1Rules.resource + V2ToV1Rules.stream
            + V2ToV1Rules.objects + V2ToV1Rules.secrets,
        enums: V2ToV1Rules.enums)
}

/// The tables; one file for each part of the protocol.
enum V2ToV1Rules {}
