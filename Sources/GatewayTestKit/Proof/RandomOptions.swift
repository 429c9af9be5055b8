package import Translation

extension RandomMessages {
    /// Options of an operator; the defaults half of the time.
    package mutating func options(refusing: Bool = false) -> TranslationOptions {
        var options = TranslationOptions.default
        if refusing { options.losses = policies() }
        guard chance(2) else { return options }
        options.timeRangePolicy = pick(TranslationOptions.TimeRangePolicy.allCases)
        options.model = pick(TranslationOptions.Model.allCases)
        options.allowMissingSettings = chance(2)
        options.exposeInJSONData = TranslationOptions.ExposedSetting.allCases.filter { _ in chance(3) }
        let names = [
            "x-grafana-user-login", "X-Grafana-User-Role", "x-grafana-namespace", "x-grafana-ds-uid", "fromalert", "FromAlert",
            "http_x-a", "x-bad name", "te", "grpc-x", "x-bin", "absent",
        ]
        options.forwardMetadata = (0..<number(below: 5)).map { _ in pick(names) }
        options.nan = pick(TranslationOptions.NaNPolicy.allCases)
        options.sortPoints = pick(TranslationOptions.PointOrder.allCases)
        options.seriesLabel = pick(TranslationOptions.SeriesLabel.allCases)
        options.bytes = pick(TranslationOptions.BytesEncoding.allCases)
        options.timeColumns = pick([["time", "date"], [], ["TIME", "name", "é"], ["a", ""]])
        options.duplicates = pick(TranslationOptions.DuplicateResults.allCases)
        options.metaLimit = pick([0, 2, 20, 16 * 1024])
        options.arrowOnJSONRequest = chance(4)
        options.chunkRows = pick([1, 2, 7, 50_000, 0])
        return options
    }

    /// Policies of which some refuse.
    private mutating func policies() -> LossPolicies {
        var policies = LossPolicies()
        if chance(8) { policies.standard = .refuse }
        for _ in 0..<(1 + number(below: 3)) {
            let paths =
                RuleBook.v2ToV1.lossyPaths.map(\.name) + ["models.QueryResult.*", "pluginv2.User.*", "models.RowValue.#*", "*"]
            policies.set(pick(paths), chance(4) ? .allow : .refuse)
        }
        return policies
    }
}
