extension RuleBook {
    /// Whether a policy can be set for `pattern`: a path that can lose something, a field's number (`MESSAGE.#7`), or the beginning of
    /// one of these with a `*` behind it.
    package func accepts(_ pattern: String) -> Bool {
        guard pattern.hasSuffix("*") else { return !causes(of: LossPath(pattern)).isEmpty }
        let beginning = String(pattern.dropLast())
        if beginning.isEmpty || lossyPaths.contains(where: { $0.name.hasPrefix(beginning) }) { return true }
        // `MESSAGE.#*` and `MESSAGE.#1*`
        guard let mark = beginning.lastIndex(of: "#") else { return false }
        let digits = beginning[beginning.index(after: mark)...]
        return isUnknownField(LossPath(String(beginning[...mark]) + (digits.isEmpty ? "1" : String(digits))))
    }

    /// Why no policy can be set for a pattern that is not accepted, and which paths are nearest to it.
    package func explanation(ofUnaccepted pattern: String) -> (problem: String, near: [String]) {
        let path = LossPath(pattern)
        if let field = field(path) {
            return ("is \(field.kind.rawValue) and never lost", [])
        }
        return ("is no path of a loss", near(pattern))
    }

    /// The lossy paths most like `pattern`: those that end alike, else those that differ in few letters.
    private func near(_ pattern: String, limit: Int = 3) -> [String] {
        let wanted = pattern.lowercased()
        let last = wanted.split(separator: ".").last.map(String.init) ?? wanted
        let paths = lossyPaths.map(\.name)
        let alike = paths.filter { name in
            let name = name.lowercased()
            return name == last || name.hasSuffix(".\(last)") || name == wanted
        }
        if !alike.isEmpty { return Array(alike.prefix(limit)) }
        let distances = paths.map { (name: $0, distance: Self.distance($0.lowercased(), wanted)) }.sorted {
            $0.distance < $1.distance
        }
        return distances.filter { $0.distance <= max(4, wanted.utf8.count / 2) }.prefix(limit).map(\.name)
    }

    /// In how many letters two names differ.
    private static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8.prefix(128)), right = Array(right.utf8.prefix(128))
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (a == b ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[right.count]
    }
}
