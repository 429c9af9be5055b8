import Testing

@testable import Routing

@Suite struct OlderPluginTests {
    @Test func `what was learned of one process says nothing about the next`() {
        let memory = OlderPlugin()
        #expect(memory.chunks(of: 1) == .unknown)
        memory.learn(.missing, of: 1)
        #expect(memory.chunks(of: 1) == .missing)
        #expect(memory.chunks(of: 2) == .unknown)
        memory.learn(.native, of: 2)
        #expect(memory.chunks(of: 2) == .native)
        #expect(memory.chunks(of: 1) == .unknown)
    }

    @Test func `a late word about an old process does not replace what is known of the new one`() {
        let memory = OlderPlugin()
        memory.learn(.native, of: 2)
        memory.learn(.missing, of: 1)
        #expect(memory.chunks(of: 2) == .native)
    }
}
