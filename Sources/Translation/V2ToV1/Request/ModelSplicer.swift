/// Makes a query model of today look like the one that old hosts sent (rule A.5), without touching any other byte.
///
/// Old plugins read `datasource` as a string; today it is an object. Old hosts always had `refId`, `datasourceId`, `intervalMs` and
/// `maxDataPoints` in the model. Only the top level is looked at, so big integers, key order, duplicates and white space survive.
enum ModelSplicer {
    /// As deep as Go's decoder goes; a deeper model is passed on unchanged.
    static let maximumDepth = 10_000

    struct Additions {
        var refID: WireText
        var dataSourceID: Int64
        /// The data source's name.
        var dataSourceName: WireText
        /// Milliseconds.
        var interval: Int64
        var maxDataPoints: Int64
    }

    /// The model for the plugin. Anything but an object, and anything that is not JSON, is returned as it is.
    static func splice(_ model: [UInt8], _ additions: Additions) -> [UInt8] {
        guard let outline = outline(of: model), outline.root == .object else { return model }
        let keys = outline.members.map { JSONString.decode(model[$0.key]) }
        func has(_ name: String) -> Bool { keys.contains { $0.utf8.elementsEqual(name.utf8) } }

        var missing = JSONObjectBuilder()
        if !has("refId") { missing.add("refId", string: additions.refID.string) }
        if !has("datasourceId") { missing.add("datasourceId", integer: additions.dataSourceID) }
        if !has("intervalMs") { missing.add("intervalMs", integer: additions.interval) }
        if !has("maxDataPoints") { missing.add("maxDataPoints", integer: additions.maxDataPoints) }

        var result: [UInt8] = []
        result.reserveCapacity(model.count + missing.members.count + 64)
        var copied = 0
        for (key, member) in zip(keys, outline.members)
        where key.utf8.elementsEqual("datasource".utf8) && model[member.value.lowerBound] == UInt8(ascii: "{") {
            result.append(contentsOf: model[copied..<member.value.lowerBound])
            JSONString.encode(additions.dataSourceName.string, to: &result)
            copied = member.value.upperBound
        }
        // Behind the last member, or behind the brace of an empty object; white space before the closing brace stays there.
        let insertion = outline.members.last?.value.upperBound ?? outline.range.lowerBound + 1
        result.append(contentsOf: model[copied..<insertion])
        if !missing.isEmpty {
            if !outline.members.isEmpty { result.append(UInt8(ascii: ",")) }
            result.append(contentsOf: missing.members)
        }
        result.append(contentsOf: model[insertion...])
        return result
    }

    /// The model of a query that has none.
    static func model(_ additions: Additions, queryType: WireText) -> [UInt8] {
        var object = JSONObjectBuilder()
        object.add("refId", string: additions.refID.string)
        object.add("queryType", string: queryType.string)
        object.add("intervalMs", integer: additions.interval)
        object.add("maxDataPoints", integer: additions.maxDataPoints)
        object.add("datasourceId", integer: additions.dataSourceID)
        return object.object
    }

    /// Nil when the model is not JSON or nests too deeply.
    static func outline(of model: [UInt8]) -> JSONOutline? {
        do throws(JSONFault) {
            return try JSONOutline(model, maximumDepth: maximumDepth)
        } catch {
            return nil
        }
    }
}
