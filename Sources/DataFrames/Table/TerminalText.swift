/// Text that is safe to print: escaped, and cut to a number of terminal cells.
struct TerminalText {
    let text: String
    /// Terminal cells that ``text`` takes.
    let width: Int

    init(_ source: String, width limit: Int) {
        var scalars: [Unicode.Scalar] = []
        var width = 0
        // Where to cut if what follows does not fit any more: one cell is kept for the ellipsis.
        var cut = (end: 0, width: 0)
        var combining = 0
        for scalar in source.unicodeScalars {
            let shown = Self.shown(scalar)
            combining = shown.width == 0 ? combining + 1 : 0
            // A tower of combining marks has no width but reaches over other lines.
            if combining > 4 { continue }
            guard width + shown.width <= limit else {
                self.text = Self.string(scalars.prefix(cut.end)) + "…"
                self.width = cut.width + 1
                return
            }
            scalars.append(contentsOf: shown.text.unicodeScalars)
            width += shown.width
            if width < limit { cut = (scalars.count, width) }
        }
        self.text = Self.string(scalars[...])
        self.width = width
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    private static func shown(_ scalar: Unicode.Scalar) -> (text: String, width: Int) {
        if (0x20..<0x7F).contains(scalar.value) { return (String(Character(scalar)), 1) }
        switch scalar {
        case "\n": return ("\\n", 2)
        case "\r": return ("\\r", 2)
        case "\t": return ("\\t", 2)
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            let escape = "\\u{" + String(scalar.value, radix: 16) + "}"
            return (escape, escape.utf8.count)
        case .nonspacingMark, .enclosingMark: return (String(Character(scalar)), 0)
        default: return (String(Character(scalar)), isWide(scalar.value) ? 2 : 1)
        }
    }

    /// East Asian wide characters and emoji, by their blocks.
    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
