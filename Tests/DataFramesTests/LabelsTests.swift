import DataFrames
import Testing

@Suite struct LabelsTests {
    @Test func keysAreOrderedByBytes() {
        let labels: Labels = ["b": "1", "a": "2", "é": "3", "Z": "4", "e\u{301}": "5", "😀": "6", "\u{FFFD}": "7"]
        #expect(
            labels.map(\.key.utf8).map(Array.init) == ["Z", "a", "b", "e\u{301}", "é", "\u{FFFD}", "😀"].map { Array($0.utf8) })
    }

    @Test func composedAndDecomposedKeysAreTwo() {
        var labels: Labels = ["\u{e9}": "composed", "e\u{301}": "decomposed"]
        #expect(labels.count == 2)
        #expect(labels["\u{e9}"] == "composed")
        #expect(labels["e\u{301}"] == "decomposed")
        labels["\u{e9}"] = nil
        #expect(labels.count == 1)
        #expect(labels != Labels([(key: "\u{e9}", value: "decomposed")]))
    }

    @Test func theLastOfEqualKeysWins() {
        let labels = Labels([(key: "a", value: "1"), (key: "b", value: "2"), (key: "a", value: "3")])
        #expect(labels.count == 2)
        #expect(labels["a"] == "3")
    }

    @Test func valuesAreSetReplacedAndRemoved() {
        var labels = Labels()
        labels["m"] = "1"
        labels["a"] = "2"
        labels["z"] = "3"
        labels["m"] = "4"
        #expect(labels == ["a": "2", "m": "4", "z": "3"])
        #expect(labels["x"] == nil)
        labels["x"] = nil
        labels["a"] = nil
        #expect(labels.map(\.key) == ["m", "z"])
    }

    @Test func equalLabelsHashAlike() {
        let one: Labels = ["a": "1", "b": "2"]
        let other: Labels = ["b": "2", "a": "1"]
        #expect(Set([one, other]).count == 1)
        #expect(Set([one, ["a": "1b2"], ["a": "1"]]).count == 3)
    }
}
